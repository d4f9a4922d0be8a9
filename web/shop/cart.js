/** The cart: wine id → quantity, kept in this browser. */

const KEY = 'my-shop-cart';
export const MAX_QUANTITY = 120;

/** A map of wine id to quantity; what is stored and does not fit is left out. */
export function readCart() {
  try {
    const entries = Object.entries(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
    return new Map(entries.filter(([, count]) => Number.isInteger(count) && count >= 1 && count <= MAX_QUANTITY));
  } catch {
    return new Map();
  }
}

/** Sets a wine's quantity; 0 takes it out. */
export function setQuantity(wineId, quantity) {
  const cart = readCart();
  if (quantity <= 0) cart.delete(wineId);
  else cart.set(wineId, Math.min(quantity, MAX_QUANTITY));
  localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(cart)));
  showCartCount();
}

export function addToCart(wineId) {
  setQuantity(wineId, (readCart().get(wineId) ?? 0) + 1);
}

export function emptyCart() {
  localStorage.removeItem(KEY);
  showCartCount();
}

/** Writes the number of bottles to the link in the page's head. */
export function showCartCount() {
  const link = document.querySelector('[data-cart-link]');
  const bottles = [...readCart().values()].reduce((sum, count) => sum + count, 0);
  link.textContent = bottles === 0 ? 'Cart' : `Cart (${bottles})`;
  link.classList.toggle('filled', bottles > 0);
}

/** Another tab may change it. */
addEventListener('storage', showCartCount);
