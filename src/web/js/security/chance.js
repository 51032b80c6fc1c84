// Where keys, cookies and nonces come from.

export function chance(octets) {
  crypto.getRandomValues(octets);
}
