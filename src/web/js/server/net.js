// tcp:// and ipc:// by node:net, which Node.js, Deno and Bun have.

import { lookup } from 'node:dns/promises';
import { lstatSync, mkdtempSync, rmdirSync, unlinkSync } from 'node:fs';
import { connect as dial, createServer, isIP } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { platform, versions } from 'node:process';
import { invalid } from '../check.js';
import { BACKLOG, CONNECT_TIMEOUT, IPV6 } from '../constants.js';
import { ERRNO, ZMQBindError, ZMQError } from '../errors.js';
import { enter, nextNumber, transports } from '../links.js';
import { encode } from '../text.js';
import { Admission } from './admission.js';
import { NetLink } from './net_link.js';

/** The longest name of a Unix domain socket, in octets. */
const LONGEST_NAME = 103;
/** Older ones take the zero that such a name begins with for its end, and bind another. */
const HAS_ABSTRACT_NAMES = platform === 'linux' && Number.parseInt(versions.node) >= 22;

transports.set('tcp', { connect, listen: listenTo(bindTcp) });
if (platform !== 'win32') transports.set('ipc', { connect, listen: listenTo(bindIpc) });

// ---- Dialling -----------------------------------------------------------------------------------

function connect(core, number, endpoint) {
  const target = endpoint.startsWith('ipc:')
    ? { path: systemName(endpoint) }
    : { ...addressOf(endpoint), family: core.get(IPV6) === 1 ? 0 : 4, noDelay: true };
  const socket = dial(target);
  const link = new NetLink(core, number, socket);
  const limit = core.get(CONNECT_TIMEOUT);
  const late = () => socket.destroy(new Error('there was no connection within CONNECT_TIMEOUT'));
  const timer = limit > 0 ? setTimeout(late, limit) : undefined;
  socket.once('close', () => clearTimeout(timer));
  socket.once('connect', () => {
    clearTimeout(timer);
    link.opened(link.address);
  });
  return link;
}

/** Host and port of an endpoint. */
function addressOf(endpoint) {
  const [, bracketed, name, port] = /^tcp:\/\/(?:\[(.*)\]|(.*)):(\d+|\*)$/.exec(endpoint);
  return { host: bracketed ?? name, port: port === '*' ? 0 : Number(port) };
}

/** The path of an endpoint, or its abstract name as the system has it. */
function systemName(endpoint) {
  const name = endpoint.slice('ipc://'.length);
  if (encode(name).length > LONGEST_NAME) throw invalid(`${endpoint}: the name of a socket has ${LONGEST_NAME} octets at the most`);
  if (!name.startsWith('@')) return name;
  if (!HAS_ABSTRACT_NAMES) {
    throw new ZMQError('EPROTONOSUPPORT', `${endpoint}: abstract names are for Linux, and Node.js from version 22 on; give a path`);
  }
  return `\0${name.slice(1)}`;
}

// ---- Listening ----------------------------------------------------------------------------------

/** What bind() does with an endpoint, by what a transport does with one that is sound. */
export function listenTo(bind) {
  return async (endpoint, port, options) => {
    port.core.check(endpoint);
    port.admission = new Admission(port, options);
    try {
      return await bind(endpoint, port);
    } catch (error) {
      if (error instanceof ZMQError) throw error;
      throw new ZMQBindError(error.code, `${endpoint}: ${error.message}`, ERRNO[error.code] ?? Math.abs(error.errno));
    }
  };
}

async function bindTcp(endpoint, port) {
  const { host, port: number } = addressOf(endpoint);
  const server = await serve({ host: await hostToBind(host, port.core.get(IPV6) === 1), port: number }, port);
  const { address, family, port: bound } = server.address();
  const text = family === 'IPv6' || family === 6 ? `[${address}]` : address;
  return { endpoint: `tcp://${text}:${bound}`, close: () => server.close() };
}

/** The address that `*`, an address, an interface or a name stands for. With IPv6, `*` is whatever the system has. */
async function hostToBind(host, ipv6) {
  if (host === '*') return ipv6 ? undefined : '0.0.0.0';
  if (isIP(host)) return host;
  const found = networkInterfaces()[host]?.find(({ family }) => ipv6 || family === 'IPv4');
  if (found !== undefined) return found.address;
  try {
    return (await lookup(host, { family: ipv6 ? 0 : 4 })).address;
  } catch (error) {
    throw Object.assign(new Error(`${host} is no address, no interface and no name here`, { cause: error }), { code: 'ENODEV', errno: 19 });
  }
}

async function bindIpc(endpoint, port) {
  const folder = endpoint === 'ipc://*' ? mkdtempSync(join(tmpdir(), 'zmq-')) : undefined;
  const bound = folder === undefined ? endpoint : `ipc://${join(folder, 'socket')}`;
  const path = systemName(bound);
  const server = await servePath(path, port);
  const close = () => {
    server.close();
    attempt(() => unlinkSync(path));
    if (folder !== undefined) attempt(() => rmdirSync(folder));
  };
  return { endpoint: bound, close };
}

/** Serves a path, also where a process that ended without unbinding has left its file. */
async function servePath(path, port) {
  try {
    return await serve({ path }, port);
  } catch (error) {
    if (error.code === 'EACCES') lstatSync(dirname(path)); // which says that there is no such folder, where that is why
    if (error.code !== 'EADDRINUSE' || path.startsWith('\0') || !lstatSync(path).isSocket() || (await isServed(path))) throw error;
  }
  unlinkSync(path);
  return serve({ path }, port);
}

/** Whether somebody listens there: only then a connection is not refused at once. */
function isServed(path) {
  return new Promise((resolve) => {
    const probe = dial({ path });
    probe.once('connect', () => resolve(true));
    probe.once('error', ({ code }) => resolve(code !== 'ECONNREFUSED'));
    probe.once('close', () => resolve(true));
    probe.once('connect', () => probe.destroy());
  });
}

function serve(where, port) {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, (socket) => {
      if (!port.admission.count(socket)) return;
      const link = new NetLink(port.core, nextNumber(), socket);
      enter(link);
      link.accepted(port.listener, link.address);
    });
    server.once('error', reject);
    // Its own, and not one that a cluster's workers share.
    server.listen({ ...where, backlog: port.core.get(BACKLOG), exclusive: true }, () => {
      server.off('error', reject);
      // What becomes of one connection is told to its own link.
      server.on('error', () => {});
      resolve(server);
    });
  });
}

/** Does what may be done already. */
function attempt(deed) {
  try {
    deed();
  } catch {
    // It was.
  }
}
