// The integration guide's test server, section 7. What the guide leaves open is in sections.json.
'use strict';

const WebSocket = require('ws');

const sections = require('./sections.json');

const { PORT, REVENUE } = process.env;

const wss = new WebSocket.Server({ port: PORT, host: '127.0.0.1' });

wss.on('connection', (ws) => {
  console.log('Client connected');

  // Send mock data every second
  const interval = setInterval(() => {
    const data = {
      timestamp: new Date().toISOString(),
      revenue: Number(REVENUE) || Math.random() * 150000 + 100000,
      expenses: Math.random() * 60000 + 40000,
      netPnL: 0,
      previousRevenue: 118200,
      previousExpenses: 45600,
      previousNetPnL: 72600,
      trendsData: generateTrendData(),
      costBreakdown: generateCostBreakdown(),
      agentAttribution: generateAgentStats(),
    };
    ws.send(JSON.stringify(data));
  }, 1000);

  ws.on('close', () => {
    clearInterval(interval);
    console.log('Client disconnected');
  });
});

console.log(`Test WebSocket server running on ws://localhost:${PORT}`);

function generateTrendData() {
  return sections.trendsData;
}

function generateCostBreakdown() {
  return sections.costBreakdown;
}

function generateAgentStats() {
  return sections.agentAttribution;
}
