import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { partsWords } from '../../src/texts/console/parts.ts';
import { Button } from './button.tsx';
import css from './dialog.module.css';
import { Failure } from './failure.tsx';
import { useWords } from './language.tsx';
import { Copyable } from './notice.tsx';

/** What a dialog does, as `useChange` gives it. */
interface Change {
  isPending: boolean;
  error: unknown;
}

/** A question or a small form over the page. Escape and a press outside close it, unless something is under way. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
  error,
  actions,
  isBusy = false,
  isAlert = false,
}: {
  title: string;
  isOpen: boolean;
  onClose(): void;
  children: ReactNode;
  /** What came of it: beside the buttons, where whoever pressed one looks, however long the rest is. */
  error?: unknown;
  actions: ReactNode;
  isBusy?: boolean;
  isAlert?: boolean;
}): ReactNode {
  return (
    <ModalOverlay
      className={css.veil ?? ''}
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isBusy && !isAlert}
      isKeyboardDismissDisabled={isBusy}
    >
      <Modal className={css.modal ?? ''}>
        <AriaDialog className={css.dialog ?? ''} role={isAlert ? 'alertdialog' : 'dialog'}>
          <Heading slot="title" className={css.title ?? ''}>
            {title}
          </Heading>
          <Body>{children}</Body>
          <Failure error={error ?? null} />
          <div className={css.actions}>{actions}</div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** Scrolls where the window is lower than the dialog, so that title and buttons stay. Text alone is then scrolled by keyboard too. */
function Body({ children }: { children: ReactNode }): ReactNode {
  const ref = useRef<HTMLDivElement>(null);
  const [isReached, setReached] = useState(false);
  useEffect(() => {
    const body = ref.current;
    if (body === null) return;
    const look = (): void =>
      setReached(
        body.scrollHeight > body.clientHeight &&
          body.querySelector('a[href], button, input, select, textarea, [tabindex="0"]') === null,
      );
    const observer = new ResizeObserver(look);
    observer.observe(body);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={ref} className={css.body} {...(isReached && { tabIndex: 0 })}>
      {children}
    </div>
  );
}

/** A small form; what the server says against it stands below. */
export function FormDialog({
  title,
  submit,
  change,
  isReady,
  onSubmit,
  onClose,
  children,
}: {
  title: string;
  /** What its button says. */
  submit: string;
  change: Change;
  isReady: boolean;
  onSubmit(): void;
  onClose(): void;
  children: ReactNode;
}): ReactNode {
  const say = useWords(partsWords);
  const id = useId();
  const send = (event: FormEvent): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Dialog
      title={title}
      isOpen
      isBusy={change.isPending}
      onClose={onClose}
      error={change.error}
      actions={
        <>
          <Button onPress={onClose}>{say('cancel')}</Button>
          <Button kind="primary" type="submit" form={id} isPending={change.isPending} isDisabled={!isReady}>
            {submit}
          </Button>
        </>
      }
    >
      <form id={id} className={css.form} onSubmit={send}>
        {children}
      </form>
    </Dialog>
  );
}

/** Asks before something is done that cannot be taken back. */
export function QuestionDialog({
  title,
  yes,
  no,
  change,
  isOpen = true,
  isReady = true,
  onYes,
  onClose,
  children,
}: {
  title: string;
  yes: string;
  /** Where "cancel" could be taken for the thing itself. */
  no?: string;
  change: Change;
  isOpen?: boolean;
  isReady?: boolean;
  onYes(): void;
  onClose(): void;
  children: ReactNode;
}): ReactNode {
  const say = useWords(partsWords);
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      isAlert
      isBusy={change.isPending}
      onClose={onClose}
      error={change.error}
      actions={
        <>
          <Button onPress={onClose}>{no ?? say('cancel')}</Button>
          <Button kind="danger" isPending={change.isPending} isDisabled={!isReady} onPress={onYes}>
            {yes}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}

/** A secret that is shown this once, and closed by its button only. */
export function SecretDialog({
  title,
  done,
  secret,
  onClose,
  children,
}: {
  title: string;
  done: string;
  secret: string;
  onClose(): void;
  children: ReactNode;
}): ReactNode {
  return (
    <Dialog
      title={title}
      isOpen
      isAlert
      onClose={onClose}
      actions={
        <Button kind="primary" onPress={onClose}>
          {done}
        </Button>
      }
    >
      {children}
      <Copyable text={secret} isSecret />
    </Dialog>
  );
}
