import type { FastifyRequest } from 'fastify';
import type { Lang } from '../texts/catalogue.ts';

/** Of the languages that `Accept-Language` names, ours that it wants most; English where it names none of them. */
export function languageOf(request: FastifyRequest): Lang {
  let best: { lang: Lang; weight: number } = { lang: 'en', weight: 0 };
  for (const one of (request.headers['accept-language'] ?? '').split(',').slice(0, 20)) {
    const [tag = '', ...parameters] = one.trim().split(';');
    const lang = /^zh\b/i.test(tag) ? 'zh' : /^en\b/i.test(tag) ? 'en' : null;
    const quality = parameters
      .map((text) => /^\s*q=([\d.]+)\s*$/.exec(text)?.[1])
      .find((q) => q !== undefined);
    const weight = quality === undefined ? 1 : Number(quality);
    if (lang !== null && weight > best.weight) best = { lang, weight };
  }
  return best.lang;
}
