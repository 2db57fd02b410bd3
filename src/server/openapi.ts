import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type AnswerShape, isBytes, type Route, splitKey } from '../contract/route.ts';
import { routes } from '../contract/routes.ts';
import { problem } from '../contract/shapes.ts';
import { apiWords } from '../texts/api.ts';
import type { Lang } from '../texts/catalogue.ts';

type Json = Record<string, unknown>;

/** The contract as OpenAPI 3.1, in one language. */
export function openApi(version: string, lang: Lang): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const [key, row] of Object.entries<Route>(routes)) {
    const { method, path } = splitKey(key);
    const of = paths[path] ?? {};
    paths[path] = of;
    of[method.toLowerCase()] = operation(row, lang, schemas);
  }
  const problemSchema = shapeOf(problem, 'output', schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hongyan',
      version,
      description: apiWords.about[lang],
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: apiWords.key[lang] },
        session: { type: 'apiKey', in: 'cookie', name: 'hongyan', description: apiWords.session[lang] },
      },
      responses: {
        Problem: {
          description: apiWords.problem[lang],
          content: { 'application/problem+json': { schema: problemSchema } },
        },
      },
      schemas,
    },
  };
}

function tagOf({ name }: Route): string {
  return name.slice(0, name.indexOf('.'));
}

function operation(row: Route, lang: Lang, schemas: Json): Json {
  const { permission, body } = row;
  const needs = permission === 'public' || permission === 'known' ? null : permission;
  return {
    operationId: row.name,
    tags: [tagOf(row)],
    summary: row.summary[lang],
    ...(needs === null ? {} : { description: `${apiWords.permission[lang]} \`${needs}\`` }),
    ...(permission === 'public' ? { security: [] } : {}),
    parameters: [
      ...parameters(row.params, 'path', schemas),
      ...parameters(row.query, 'query', schemas),
      ...(row.idempotency.endsWith('-key') ? [keyHeader(lang)] : []),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: contentOf(body, 'input', schemas) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(row.answers).map(([status, shape]) => [
          status,
          {
            description: status === '204' ? apiWords.nothing[lang] : row.summary[lang],
            ...(shape === null ? {} : { content: contentOf(shape, 'output', schemas) }),
          },
        ]),
      ),
      ...(permission === 'public' && row.rate === 'free'
        ? { '400': problemAnswer }
        : { '4XX': problemAnswer }),
    },
  };
}

const problemAnswer = { $ref: '#/components/responses/Problem' };

function keyHeader(lang: Lang): Json {
  return {
    name: 'Idempotency-Key',
    in: 'header',
    description: apiWords.idempotency[lang],
    schema: { type: 'string', minLength: 1, maxLength: 128 },
  };
}

function parameters(shape: z.ZodObject | undefined, place: 'path' | 'query', schemas: Json): Json[] {
  if (shape === undefined) return [];
  return Object.entries(shape.shape).map(([name, field]) => {
    const schema = shapeOf(z.object({ field }), 'input', schemas);
    // What is coerced comes as text, and is described as what it becomes.
    const { properties, required } = z
      .object({
        properties: z.object({ field: z.record(z.string(), z.unknown()) }),
        required: z.array(z.string()).default([]),
      })
      .parse(schema);
    return {
      name,
      in: place,
      required: place === 'path' || required.includes('field'),
      schema: properties.field,
    };
  });
}

function contentOf(shape: NonNullable<AnswerShape>, io: 'input' | 'output', schemas: Json): Json {
  if (!isBytes(shape)) return { 'application/json': { schema: shapeOf(shape, io, schemas) } };
  return Object.fromEntries(
    shape.types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
  );
}

/** A shape as JSON Schema; those with a name (`.meta({ id })`) go to `schemas` and are referred to. */
function shapeOf(shape: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const made = z.toJSONSchema(shape, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // A number that is read from a query is one, however it comes; and what every integer allows says nothing.
      if (zodSchema._zod.def.type === 'number') {
        jsonSchema.type ??= 'number';
        if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
        if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      }
      // The format says it, in 30 characters instead of 400.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  const {
    $schema,
    $defs = {},
    ...own
  } = JSON.parse(JSON.stringify(made).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json & {
    $defs?: Json;
  }; // it was an object
  for (const [name, schema] of Object.entries($defs)) putSchema(schemas, name, schema);
  const { id } = own;
  if (typeof id !== 'string') return own;
  putSchema(schemas, id, own);
  return { $ref: `#/components/schemas/${id}` };
}

/** Throws where another shape has the name already: one of the two would be described as the other. */
function putSchema(schemas: Json, name: string, schema: unknown): void {
  const described = withoutId(schema);
  schemas[name] ??= described;
  if (!isDeepStrictEqual(schemas[name], described))
    throw new Error(`two shapes of the contract have the id ${name}`);
}

function withoutId(schema: unknown): unknown {
  const { id, ...rest } = schema as Json; // a schema of an object
  return rest;
}
