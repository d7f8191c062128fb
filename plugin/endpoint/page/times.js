// Times on an x axis, read as Plotly reads them: a date without a zone, or with one that is ignored, is that time.

const kDate = /^\s*(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?))?/;

// In ms; null for anything that is not a time. Numbers are times only on a date axis.
export function timeOf(x, numbersAreDates = false) {
  if (typeof x === 'number') return numbersAreDates ? x : null;
  const parts = typeof x === 'string' ? x.match(kDate) : null;
  if (!parts) return null;
  const time = Date.parse(`${parts[1]}T${parts[2] ?? '00:00'}Z`);
  return Number.isNaN(time) ? null : time;
}

export function dateText(ms) {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
