// Socket options by name: each with libzmq's number and the kind of its values.

import { table } from '#options';
import { checkOptions, describe, invalid } from './check.js';
import { octetsOf } from './frame.js';
import { decode } from './text.js';

/** The kinds of value that JavaScript sees, where they are no numbers, by their marks in kinds.js. */
const FLAG = '!', BYTES = '#', TEXT = '"';

/** xpubWelcomeMsg -> 72, and 72 -> { name: 'XPUB_WELCOME_MSG', kind: BYTES } */
const NUMBERS = new Map();
const OPTIONS = new Map();
for (const [, name, kind, digits] of table.matchAll(/(\w+)(\W)(\d+)/g)) {
  NUMBERS.set(name.toLowerCase().replace(/_(.)/g, (_, letter) => letter.toUpperCase()), Number(digits));
  OPTIONS.set(Number(digits), { name, kind });
}

/** The number of an option, checked. */
export function optionNumber(option) {
  if (!OPTIONS.has(option)) throw invalid(`there is no option ${describe(option)}`);
  return option;
}

/** The number of an option given by its property's name. */
function optionByName(name) {
  const number = NUMBERS.get(name);
  if (number === undefined) throw invalid(`there is no option ${describe(name)}`);
  return number;
}

/** Sets an option of a socket's core to whatever JavaScript has. */
export function setOption(core, option, value) {
  const { name, kind } = OPTIONS.get(optionNumber(option));
  if (kind === BYTES || kind === TEXT) {
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
      throw invalid(`option ${name} takes a string or octets, not ${describe(value)}`);
    }
    named(name, () => core.setBytes(option, octetsOf(value)));
    return;
  }
  const number = typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
    throw invalid(`option ${name} takes an integer${kind === FLAG ? ' or a boolean' : ''}, not ${describe(value)}`);
  }
  named(name, () => core.setNumber(option, number));
}

/** The core does not know options by name: what it says of a value begins where the name has an end. */
function named(name, set) {
  try {
    set();
  } catch (error) {
    if (error.message.startsWith(' ')) error.message = name + error.message;
    throw error;
  }
}

/** Defines each option as a property of Socket. */
export function defineProperties(prototype) {
  define(prototype, (socket, number) => {
    const value = socket.get(number);
    const { kind } = OPTIONS.get(number);
    if (kind === FLAG) return value === 1;
    return kind === TEXT ? decode(value) : value;
  }, (socket, number, value) => socket.set(number, value));
}

/** Defines each option as a property of Context: what its sockets have at first, as it was set. */
export function defineDefaults(prototype) {
  define(
    prototype,
    (context, number) => context.getsockopt(number),
    (context, number, value) => context.setsockopt(number, value),
  );
}

/** But for what is there already: subscribe and type. */
function define(prototype, read, write) {
  for (const [property, number] of NUMBERS) {
    if (property in prototype) continue;
    const get = function () {
      return read(this, number);
    };
    const set = function (value) {
      write(this, number, value);
    };
    Object.defineProperty(prototype, property, { configurable: true, enumerable: false, get, set });
  }
}

/** Options given by name, as Context.socket() takes them. */
export function namedOptions(options) {
  return Object.entries(checkOptions(options))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [optionByName(name), value]);
}
