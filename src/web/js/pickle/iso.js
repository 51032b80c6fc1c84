// Dates and times without a zone, as text: what Python's isoformat() writes.

const ISO = /^(?:(\d{4})-(\d\d)-(\d\d))?(?:(^|T)(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

/** `{ date: [year, month, day], time: [hour, minute, second, microsecond] }`, one of them or both; or undefined. */
export function parseIso(iso) {
  const groups = ISO.exec(iso);
  // A T stands between the two only.
  if (groups === null || (groups[4] === 'T' && groups[1] === undefined)) return undefined;
  const [year, month, day] = groups.slice(1, 4).map(Number);
  const [hour, minute, second] = groups.slice(5, 8).map(Number);
  if (hour > 23 || minute > 59 || second > 59 || (groups[1] !== undefined && !isDate(year, month, day))) return undefined;
  return {
    date: groups[1] === undefined ? undefined : [year, month, day],
    time: groups[5] === undefined ? undefined : [hour, minute, second, Number((groups[8] ?? '').padEnd(6, '0'))],
  };
}

export function isoText(date, time) {
  const digits = (number, width = 2) => String(number).padStart(width, '0');
  const parts = [];
  if (date !== undefined) parts.push(`${digits(date[0], 4)}-${digits(date[1])}-${digits(date[2])}`);
  if (time !== undefined) {
    const [hour, minute, second, microsecond] = time;
    const fraction = microsecond === 0 ? '' : `.${digits(microsecond, 6)}`;
    parts.push(`${digits(hour)}:${digits(minute)}:${digits(second)}${fraction}`);
  }
  return parts.join('T');
}

function isDate(year, month, day) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
