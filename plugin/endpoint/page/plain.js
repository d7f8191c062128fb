// Makes what comes from data safe to hand to Plotly, and merges it.

// Plotly reads a little markup in texts. Bold is harmless; a link in a chart could lead anybody anywhere.
const kLink = /<(?=\/?a(?![a-z]))/gi;

export function withoutLinks(value) {
  if (typeof value === 'string') return value.includes('<') ? value.replace(kLink, '&lt;') : value;
  if (Array.isArray(value)) return value.map(withoutLinks);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutLinks(inner)]));
  }
  return value;
}

function isObject(value) {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function isForbidden(key) {
  return key === '__proto__' || key === 'constructor' || key === 'prototype';
}

// Merges `from` into `into`, object by object; anything else takes the old one's place.
export function merge(into, from) {
  for (const [key, value] of Object.entries(from ?? {})) {
    if (isForbidden(key)) continue;
    if (isObject(value)) {
      into[key] = merge(isObject(into[key]) ? into[key] : {}, value);
    } else {
      into[key] = value;
    }
  }
  return into;
}

// Sets `object.a.b` for the path "a.b".
export function setPath(object, path, value) {
  const keys = path.split('.');
  if (keys.some(isForbidden)) return;
  const last = keys.pop();
  for (const key of keys) object = isObject(object[key]) ? object[key] : (object[key] = {});
  object[last] = value;
}
