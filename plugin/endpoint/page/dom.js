// Builds elements. Text that comes from data only ever becomes a text node, never markup.

// Attributes whose name starts with "on" are event listeners; false, null and undefined are left out.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value === true ? '' : value);
    }
  }
  node.append(...children);
  return node;
}

// Leaves the node alone when nothing changed, so that a selection or a screen reader is not disturbed.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Tells over the whole width what is wrong; an empty text takes it away.
export function setBanner(text) {
  const banner = document.getElementById('banner');
  setText(banner, text);
  banner.hidden = text === '';
}

// The small word at the right of the top bar: how this page hears from the endpoint.
export function setLink(kind, text) {
  const link = document.getElementById('link');
  link.dataset.kind = kind;
  setText(link, text);
}
