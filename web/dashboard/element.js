/**
 * Makes an element. Text goes in as text nodes only, so nothing that a task holds is ever read as HTML.
 * @param {string} name `tag` or `tag.class.class`
 * @param {Record<string, unknown>} [properties] event listeners as `onclick`; `aria-…` and `data-…` as attributes
 * @param {...(Node | string | undefined)} children
 */
export function element(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const made = document.createElement(tag);
  made.classList.add(...classes);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (key.includes('-') || key === 'scope') made.setAttribute(key, String(value));
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** Sets text only where it changed, so that selections and screen readers are left in peace. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
