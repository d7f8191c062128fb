// Takes the links out of what Plotly draws. Its templates put texts together only when they are drawn, so that no look at
// the figure finds all of them.

const kTargets = ['href', 'xlink:href', 'onclick', 'target'];

function disarm(link) {
  for (const name of kTargets) link.removeAttribute(name);
  link.removeAttributeNS('http://www.w3.org/1999/xlink', 'href');
}

// From now on `node` has no link that leads anywhere: the observer is called before any click can be.
export function keepLinksOut(node) {
  const disarmAll = () => node.querySelectorAll('a').forEach(disarm);
  new MutationObserver(disarmAll).observe(node, {childList: true, subtree: true});
  for (const kind of ['click', 'auxclick']) {
    node.addEventListener(kind, event => event.target.closest?.('a') && event.preventDefault(), {capture: true});
  }
  disarmAll();
}
