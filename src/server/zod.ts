import type { FastifyInstance, FastifyTypeProvider } from 'fastify';
import type { z } from 'zod';
import { HongyanError } from '../base/errors.ts';

/**
 * Gives a route the types of its zod schemas: `app.withTypeProvider<ZodTypes>().post(path, { schema: { body } }, …)`.
 * A schema for `response` is the contract for readers and for the compiler; answers are not checked against it again.
 */
export interface ZodTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  serializer: this['schema'] extends z.ZodType ? z.input<this['schema']> : unknown;
}

/** Validates body, query, params and headers by zod; what does not fit is `REQUEST_INVALID`, 400. */
export function useZod(app: FastifyInstance): void {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (value: unknown) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? { value: parsed.data } : { error: requestInvalid(parsed.error, httpPart) };
  });
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
}

/** Names the places and never repeats the values: they may be openids. */
export function requestInvalid(error: z.ZodError, part = 'request'): HongyanError {
  const problems = error.issues.map((issue) => `${[part, ...issue.path].join('.')}: ${issue.message}`);
  return new HongyanError('REQUEST_INVALID', `the request is not valid: ${problems.join('; ')}`, {
    details: { problems },
  });
}
