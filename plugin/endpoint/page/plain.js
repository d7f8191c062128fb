// Makes what comes from data safe to hand to Plotly, and merges it.

// Plotly reads a little markup in texts. Bold is harmless; a link in a chart could lead anybody anywhere. What a template
// (%{...}) would make one of is left as text, too; whatever comes about nevertheless, drawn_links.js takes away.
const kLink = /<(?=\/?(?:a(?![a-z])|%\{))/gi;
// Where a picture or a map comes from: only from the figure itself, never from another host.
const kSource = /(?:^|\.)(?:source|geojson)$/;

export function withoutLinks(value, key = '') {
  if (typeof value === 'string') {
    if (kSource.test(key) && !value.startsWith('data:')) return '';
    return value.includes('<') ? value.replace(kLink, '&lt;') : value;
  }
  if (Array.isArray(value)) return value.map(inner => withoutLinks(inner, key));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutLinks(inner, name)]));
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
