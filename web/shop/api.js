/** The shop's API. Answers `{ status, body }`; status 0 where the shop cannot be reached. */
export async function call(path, options = {}) {
  try {
    const response = await fetch(path, options);
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: {} };
  }
}

/** All wines, by id. */
export async function wines() {
  const { body } = await call('/api/wines');
  return new Map((Array.isArray(body) ? body : []).map((wine) => [wine.id, wine]));
}
