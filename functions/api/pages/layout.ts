import { html } from 'hono/html';

type Html = ReturnType<typeof html>;

export interface Layout {
  readonly title: string;
  readonly body: Html;
}

/** A page in the shop's dress; what is put in by `html` is escaped. */
export function layout({ title, body }: Layout): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} · My Shop</title>
    <link rel="stylesheet" href="/assets/shop.css">
    <link rel="stylesheet" href="/assets/forms.css">
    <link rel="stylesheet" href="/assets/orders.css">
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
  </head>
  <body>
    <a class="skip" href="#main">Skip to content</a>
    <header class="masthead">
      <div class="wrap masthead-row">
        <a class="brand" href="/"><span class="brand-name">My Shop</span><span class="brand-line">Wine merchants</span></a>
        <nav aria-label="Main"><a href="/">Wines</a></nav>
      </div>
    </header>
    <main id="main" class="wrap">${body}</main>
    <footer class="foot"><div class="wrap">My Shop is a demonstration: no wine is sent and no money moves.</div></footer>
  </body>
</html>`;
}

/** A page that says one sentence and leads back. */
export function messagePage(title: string): Html {
  const body = html`<section class="card narrow"><h1>${title}</h1><p><a href="/">Back to the wines</a></p></section>`;
  return layout({ title, body });
}
