/** Makes elements. Text is always a text node, so that nothing in the data can become markup. */

/**
 * `el('a', { href: '/' }, 'Home')`: attributes as they are written in HTML; `false` and `undefined` leave one out,
 * `true` sets an empty one; functions become listeners (`onclick`).
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** As `el`, for SVG. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

function setAttributes(element, attributes) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : String(value));
  }
}

/** The one element that carries this data attribute: `part('wines')` is `[data-wines]`. */
export function part(name) {
  return document.querySelector(`[data-${name}]`);
}
