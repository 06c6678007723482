// The integration guide's Node server, section 1. What the guide leaves open is in sections.json.
'use strict';

const express = require('express');
const http = require('http');
const socketIO = require('socket.io');
const cors = require('cors');

const sections = require('./sections.json');

const { EVENT = 'pnl-update', PORT, REVENUE } = process.env;

const app = express();
const server = http.createServer(app);
const io = socketIO(server, {
  cors: { origin: 'http://localhost:5173' }
});

app.use(cors());

// Emit P&L updates to connected clients
setInterval(() => {
  const pnlData = {
    timestamp: new Date().toISOString(),
    revenue: Number(REVENUE) || Math.random() * 150000 + 100000,
    expenses: Math.random() * 60000 + 40000,
    netPnL: 0, // Calculated client-side
    previousRevenue: 118200,
    previousExpenses: 45600,
    previousNetPnL: 72600,
    trendsData: getTrendData(),
    costBreakdown: getCostBreakdown(),
    agentAttribution: getAgentStats(),
  };

  io.emit(EVENT, pnlData);
}, 1000); // Update every second

server.listen(PORT, '127.0.0.1', () => {
  console.log(`P&L Server running on port ${PORT}`);
});

function getTrendData() {
  return sections.trendsData;
}

function getCostBreakdown() {
  return sections.costBreakdown;
}

function getAgentStats() {
  return sections.agentAttribution;
}
