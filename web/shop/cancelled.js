/** After a cancelled payment: the way back to it. */
import { showCartCount } from './cart.js';
import { part } from './dom.js';

showCartCount();
const id = new URLSearchParams(location.search).get('order') ?? '';
if (/^\d+$/.test(id)) {
  part('retry').href = `/pay/${id}`;
  part('retry').hidden = false;
}
