import type { ReactNode } from 'react';
import { HongyanProblem, HongyanUnreachable } from '../../src/client/index.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { Button } from './button.tsx';
import css from './failure.module.css';
import { useWords } from './language.tsx';
import { Copyable, Notice } from './notice.tsx';

/** What went wrong, where it happened: the server's own words, what to do, and what to copy for whoever helps. */
export function Failure({
  error,
  onRetry,
}: {
  error: unknown;
  onRetry?: (() => void) | undefined;
}): ReactNode {
  const say = useWords(partsWords);
  if (error === null || error === undefined) return null;
  const actions = onRetry === undefined ? undefined : <Button onPress={onRetry}>{say('retry')}</Button>;
  if (error instanceof HongyanUnreachable) {
    return (
      <Notice tone="danger" title={say('failure.offline')} actions={actions}>
        {say('failure.offlineHint')}
      </Notice>
    );
  }
  if (!(error instanceof HongyanProblem)) {
    return (
      <Notice tone="danger" title={say('failure.unexpected')} actions={actions}>
        <Copyable text={String(error)} />
      </Notice>
    );
  }
  const { code, detail, hint, requestId, errcode, errmsg, rid, fields } = error.body;
  const facts = [
    code,
    errcode === undefined ? null : `errcode ${errcode}`,
    errmsg === undefined ? null : errmsg,
    rid === undefined || rid === null ? null : `rid ${rid}`,
    say('failure.request', { id: requestId }),
  ].filter((one) => one !== null);
  return (
    <Notice tone="danger" title={detail} actions={actions}>
      {hint !== undefined && <p>{hint}</p>}
      {fields !== undefined && fields.length > 0 && (
        <ul className={css.fields}>
          {fields.map(({ in: place, path, message }) => (
            <li key={`${place} ${path} ${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
      <div className={css.facts}>
        <Copyable text={facts.join('\n')} shown={facts.slice(0, 3).join(' · ')} />
      </div>
    </Notice>
  );
}
