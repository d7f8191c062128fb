// Figures as people read them. Every function answers a short text.

const kNothing = '–';
const kLongestValue = 48;
const count = new Intl.NumberFormat('en');

export function formatCount(number) {
  return count.format(number);
}

export function formatRate(perSecond) {
  return `${perSecond >= 100 ? count.format(Math.round(perSecond)) : perSecond.toFixed(1)} /s`;
}

export function formatAge(ms) {
  if (ms === null || ms === undefined) return kNothing;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

// `json` is JSON text and is shown digit for digit; a JSON string is shown without its quotes.
export function formatValue(json) {
  if (json === null || json === undefined) return kNothing;
  let text = json;
  if (text.startsWith('"')) {
    try {
      text = JSON.parse(text);
    } catch {
      // Half a string is still worth showing as it came.
    }
  }
  return text.length > kLongestValue ? `${text.slice(0, kLongestValue)}…` : text;
}
