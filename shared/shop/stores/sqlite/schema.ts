/** Tables of the shop in the broker's SQLite file; `IF NOT EXISTS`, as several processes open it. Times are Unix ms. */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS shop_orders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  status TEXT NOT NULL CHECK (status IN ('pending', 'paid', 'cancelled')),
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  email TEXT NOT NULL,
  address TEXT NOT NULL,
  postal_code TEXT NOT NULL,
  city TEXT NOT NULL,
  coupon_code TEXT,
  coupon_percent INTEGER,
  currency TEXT NOT NULL,
  placed_at INTEGER NOT NULL,
  access_token TEXT NOT NULL,
  payment_id TEXT,
  paid_at INTEGER,
  CHECK ((status = 'paid') = (payment_id IS NOT NULL AND paid_at IS NOT NULL))
) STRICT;
CREATE INDEX IF NOT EXISTS shop_orders_paid ON shop_orders (paid_at) WHERE paid_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS shop_order_lines (
  order_id INTEGER NOT NULL REFERENCES shop_orders (id),
  position INTEGER NOT NULL,
  wine_id TEXT NOT NULL,
  title TEXT NOT NULL,
  price_cents INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  PRIMARY KEY (order_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shop_idempotency (
  key TEXT PRIMARY KEY,
  request_hash TEXT NOT NULL,
  order_id INTEGER NOT NULL REFERENCES shop_orders (id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shop_invoices (
  number INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL UNIQUE REFERENCES shop_orders (id),
  issued_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS shop_scored_orders (
  order_id INTEGER PRIMARY KEY
) STRICT;
CREATE TABLE IF NOT EXISTS shop_scores (
  wine_id TEXT NOT NULL,
  with_wine_id TEXT NOT NULL,
  score INTEGER NOT NULL,
  PRIMARY KEY (wine_id, with_wine_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shop_wines (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  winery TEXT NOT NULL,
  region TEXT NOT NULL,
  country TEXT NOT NULL,
  grapes TEXT NOT NULL CHECK (json_valid(grapes)),
  vintage INTEGER NOT NULL,
  colour TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents >= 1),
  currency TEXT NOT NULL,
  description TEXT NOT NULL,
  illustration TEXT NOT NULL,
  position INTEGER NOT NULL,
  on_sale INTEGER NOT NULL CHECK (on_sale IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shop_coupons (
  code TEXT PRIMARY KEY,
  percent INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  valid_from INTEGER NOT NULL,
  valid_to INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;
