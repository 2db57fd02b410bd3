import { Component, type ReactNode } from 'react';
import { partsWords } from '../../src/texts/console/parts.ts';
import { Button } from './button.tsx';
import { useWords } from './language.tsx';
import { Copyable, Notice } from './notice.tsx';

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
