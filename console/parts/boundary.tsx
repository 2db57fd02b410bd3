import { Component, type ReactNode } from 'react';
import { partsWords } from '../../src/texts/console/parts.ts';
import { Button } from './button.tsx';
import { useWords } from './language.tsx';
import { Copyable, Notice } from './notice.tsx';

/** The script of a page is not there: the server was updated since this tab was opened, or it is away. */
export class PageNotLoaded extends Error {
  constructor(cause: unknown) {
    super('the page could not be loaded', { cause });
    this.name = 'PageNotLoaded';
  }
}

/** What is below it may break; what is around it goes on, and the person can copy what happened. */
export class Boundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return <Broken error={error} onRetry={() => this.setState({ error: null })} />;
  }
}

function Broken({ error, onRetry }: { error: unknown; onRetry(): void }): ReactNode {
  const say = useWords(partsWords);
  if (error instanceof PageNotLoaded) {
    return (
      <Notice
        tone="warn"
        title={say('failure.notLoaded')}
        actions={<Button onPress={() => location.reload()}>{say('reload')}</Button>}
      >
        {say('failure.notLoadedHint')}
      </Notice>
    );
  }
  return (
    <Notice
      tone="danger"
      title={say('failure.unexpected')}
      actions={<Button onPress={onRetry}>{say('retry')}</Button>}
    >
      <Copyable
        text={error instanceof Error ? (error.stack ?? error.message) : String(error)}
        shown={String(error)}
      />
    </Notice>
  );
}
