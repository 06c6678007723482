// A Socket.IO server with a namespace of its own: what the guide's server on Node leaves out.
'use strict';

const http = require('http');
const { Server } = require('socket.io');

const { DEFAULT = 'quiet', NAMESPACE = '/', PORT } = process.env;
const EVERY_MS = 50;

const server = http.createServer();
const io = new Server(server);
const desk = io.of(NAMESPACE);
let revenue = 1000;

function update(above) {
  revenue += 1;
  return { timestamp: new Date().toISOString(), revenue: revenue + above, expenses: 400 };
}

// What the default namespace is for, where it is not the desk.
const defaults = {
  quiet: () => {},
  emits: () => setInterval(() => io.emit('pnl-update', update(1e6)), EVERY_MS),
  'shows out': () => io.on('connection', (socket) => socket.disconnect()),
};

desk.on('connection', () => {});
defaults[DEFAULT]();
setInterval(() => desk.emit('pnl-update', update(0)), EVERY_MS);

server.listen(PORT, '127.0.0.1');
