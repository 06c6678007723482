// A Socket.IO server with a namespace of its own: what the guide's server on Node leaves out.
'use strict';

const http = require('http');
const { Server } = require('socket.io');

const { DEFAULT = 'quiet', EMIT = 'plain', NAMESPACE = '/', OPTIONS = '{}', PORT } = process.env;
const EVERY_MS = 50;

const server = http.createServer();
const io = new Server(server, JSON.parse(OPTIONS));
const desk = io.of(NAMESPACE);
let revenue = 1000;

function update(above) {
  revenue += 1;
  return { timestamp: new Date().toISOString(), revenue: revenue + above, expenses: 400 };
}

// How the desk's updates are emitted.
const emitters = {
  plain: () => desk.emit('pnl-update', update(0)),
  volatile: () => desk.volatile.emit('pnl-update', update(0)),
  // Each is followed by how many have acknowledged it.
  acknowledged: () => desk.timeout(5000).emit('pnl-update', update(0), (_, answers) => {
    desk.emit('acknowledged', answers.length);
  }),
  bytes: () => desk.emit('pnl-update', Buffer.from(JSON.stringify(update(0)))),
  // A body that is one of the updates, and bytes that look like another.
  'bytes beside': () => desk.emit('pnl-update', update(0), Buffer.from(JSON.stringify(update(1e6)))),
  'bytes of another event': () => {
    desk.emit('backup', Buffer.from(JSON.stringify(update(1e6))));
    desk.emit('pnl-update', update(0));
  },
};

// What the default namespace is for, where it is not the desk.
const defaults = {
  quiet: () => {},
  emits: () => setInterval(() => io.emit('pnl-update', update(1e6)), EVERY_MS),
  'shows out': () => io.on('connection', (socket) => socket.disconnect()),
};

desk.on('connection', () => {});
defaults[DEFAULT]();
setInterval(emitters[EMIT], EVERY_MS);

server.listen(PORT, '127.0.0.1');
