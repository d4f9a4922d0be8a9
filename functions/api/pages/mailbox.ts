/** The mailbox of this machine: every mail that the shop sent, as pages and as JSON. */
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { Mailbox, MailSummary } from '../../../shared/shop/mailbox.ts';
import { layout, messagePage } from './layout.ts';

const PAGE_SIZE = 50;

/** `GET /dev/mailbox` (JSON for `Accept: application/json`), `/dev/mailbox/{id}`, `/dev/mailbox/{id}/attachments/{index}`. */
export function mailboxRoutes(mailbox: Mailbox): Hono {
  const routes = new Hono();
  routes.get('/dev/mailbox', async (context) => {
    const mails = await mailbox.list();
    context.header('Cache-Control', 'no-store');
    if (wantsJson(context)) return context.json(mails.map(shown));
    return context.html(listPage(mails, Number(context.req.query('page') ?? '1')));
  });
  routes.get('/dev/mailbox/:id', async (context) => {
    const mail = await mailbox.mail(context.req.param('id'));
    if (mail === undefined) return context.html(messagePage('There is no such mail'), 404);
    return wantsJson(context) ? context.json(shown(mail)) : context.html(mailPage(mail));
  });
  routes.get('/dev/mailbox/:id/attachments/:index', async (context) => {
    const found = await mailbox.attachment(context.req.param('id'), Number(context.req.param('index')));
    if (found === undefined) return context.html(messagePage('There is no such mail'), 404);
    const type = found.contentType === 'application/pdf' ? found.contentType : 'application/octet-stream';
    return context.body(new Uint8Array(found.content), 200, {
      'Content-Type': type,
      'Content-Disposition': `${type === 'application/pdf' ? 'inline' : 'attachment'}; filename="${found.filename.replace(/[^\w.-]/g, '_')}"`,
    });
  });
  return routes;
}

function wantsJson(context: Context): boolean {
  const accept = context.req.header('accept') ?? '';
  return accept.includes('application/json') && !accept.includes('text/html');
}

function attachmentUrl(mail: MailSummary, index: number): string {
  return `/dev/mailbox/${mail.id}/attachments/${index}`;
}

function shown(mail: MailSummary) {
  return {
    ...mail,
    attachments: mail.attachments.map((attachment, index) => ({ ...attachment, url: attachmentUrl(mail, index) })),
  };
}

function listPage(mails: readonly MailSummary[], asked: number) {
  const pages = Math.max(1, Math.ceil(mails.length / PAGE_SIZE));
  const page = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), pages) : 1;
  const body = html`<h1>Mailbox</h1>
    <p class="lead">${mails.length === 0 ? 'No mail yet. Place an order, and its confirmation appears here.' : `${mails.length} mails, the newest first.`}</p>
    <ul class="mails">${mails.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map(row)}</ul>
    ${pages === 1 ? '' : pager(page, pages)}`;
  return layout({ title: 'Mailbox', body });
}

function row(mail: MailSummary) {
  return html`<li><a href="/dev/mailbox/${mail.id}">
      <span class="mail-subject">${mail.subject}</span>
      <span class="mail-to">${mail.to}</span>
      <span class="mail-files">${mail.attachments.map(({ filename }) => filename).join(', ')}</span>
      <time datetime="${mail.date}">${timeText(mail.date)}</time>
    </a></li>`;
}

function pager(page: number, pages: number) {
  return html`<nav class="pager" aria-label="Pages">
    ${page > 1 ? html`<a href="/dev/mailbox?page=${page - 1}">Newer</a>` : ''}
    <span>Page ${page} of ${pages}</span>
    ${page < pages ? html`<a href="/dev/mailbox?page=${page + 1}">Older</a>` : ''}
  </nav>`;
}

function mailPage(mail: MailSummary) {
  const body = html`<p><a href="/dev/mailbox">Mailbox</a></p>
    <article class="card mail">
      <h1>${mail.subject}</h1>
      <dl class="facts">
        <dt>From</dt><dd>${mail.from}</dd>
        <dt>To</dt><dd>${mail.to}</dd>
        <dt>Date</dt><dd><time datetime="${mail.date}">${timeText(mail.date)}</time></dd>
      </dl>
      <pre class="mail-text">${mail.text}</pre>
      ${mail.attachments.map((file, index) => html`<p><a class="button quiet" href="${attachmentUrl(mail, index)}">${file.filename}</a> <span class="muted">${file.contentType}, ${Math.ceil(file.size / 1024)} KB</span></p>`)}
    </article>`;
  return layout({ title: mail.subject, body });
}

function timeText(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
