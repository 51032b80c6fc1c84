// The keys of CURVE, where the module has it.

import { checkString } from '../check.js';
import { checked } from '../core.js';
import { mechanisms } from '../runtime.js';
import { heard, text, words } from '../words.js';
import './sub_protocols.js';
import { curveKeypair as makeKeypair, curvePublic as publicOf } from '#module';

mechanisms.push('PLAIN', 'CURVE');

export function curveKeypair() {
  makeKeypair();
  const [publicKey, secretKey] = heard().map(text);
  return { publicKey, secretKey };
}

export function curvePublic(secretKey) {
  checked(publicOf(...words(checkString(secretKey, 'a secret key'))));
  return text(heard()[0]);
}
