/** Pages that are mounted on this machine only: the shop's static pages and the mailbox. */
import type { Hono } from 'hono';
import type { Mailbox } from '../../shared/shop/mailbox.ts';
import { messagePage } from './pages/layout.ts';
import { mailboxRoutes } from './pages/mailbox.ts';
import { staticPages } from './pages/static-pages.ts';
import { notFound } from './refusal.ts';

/** Adds the pages to the API's app, and the page that is not there. */
export function addLocalPages(app: Hono, mailbox: Mailbox): void {
  app.route('/', mailboxRoutes(mailbox));
  app.route('/', staticPages({ isLocal: true }));
  app.notFound((context) =>
    (context.req.header('accept') ?? '').includes('text/html')
      ? context.html(messagePage('There is no such page'), 404)
      : notFound(context, 'page'),
  );
}
