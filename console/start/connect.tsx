import { type ReactNode, useState } from 'react';
import { accountWords } from '../../src/texts/console/accounts.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { startWords } from '../../src/texts/console/start.ts';
import { type Account, accountName, chooseAccount } from '../parts/account.tsx';
import { AddAccount } from '../parts/add-account.tsx';
import { useChange, useRead } from '../parts/api.ts';
import { Button, ButtonLink } from '../parts/button.tsx';
import { Tag } from '../parts/delivery/outcome.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { Notice } from '../parts/notice.tsx';
import { useMay } from '../parts/session.ts';
import { toast } from '../parts/toast.tsx';
import css from './start.module.css';

const rereads = ['GET /v1/simulation', 'GET /v1/accounts'] as const;

/** An account of one's own, or the simulated one, which is always called that. */
export function Connect({ account }: { account: Account | null }): ReactNode {
  const say = useWords(startWords);
  const sayAccount = useWords(accountWords);
  const may = useMay();
  const [isAdding, setAdding] = useState(false);
  const simulation = useRead('GET /v1/simulation', {});
  const { allowed = false, appid: simulated = null, running = null } = simulation.data ?? {};
  const isSimulated = account !== null && account.appid === simulated;
  if (!may('account.manage')) {
    return account === null ? (
      <div>{say('mayNot')}</div>
    ) : (
      <Named account={account} isSimulated={isSimulated} />
    );
  }
  return (
    <>
      {account === null ? (
        <div className={css.hint}>{say('accountHint')}</div>
      ) : (
        <Named account={account} isSimulated={isSimulated} />
      )}
      {isSimulated && running === null && <Notice tone="warn">{say('simulatedStopped')}</Notice>}
      <div className={css.buttons}>
        {isSimulated && running !== null && (
          <ButtonLink href={`${running.url}/?person=0&chat=${running.appid}`} icon="phone" isElsewhere>
            {say('phone')}
          </ButtonLink>
        )}
        <Button kind={account === null ? 'primary' : 'plain'} icon="plus" onPress={() => setAdding(true)}>
          {say(account === null ? 'add' : 'addMore')}
        </Button>
        {isSimulated && <End />}
        {isSimulated && running === null && <Start isAgain />}
      </div>
      {simulated === null && allowed && (
        <div className={css.simulate}>
          <div className={css.hint}>{say('simulateAbout')}</div>
          <Start isAgain={false} />
        </div>
      )}
      <Failure error={simulation.error} onRetry={() => void simulation.refetch()} />
      {isAdding && (
        <AddAccount
          onClose={() => setAdding(false)}
          onAdded={(added) => {
            toast(sayAccount('added', { name: accountName(added) }));
            chooseAccount(added.appid);
          }}
        />
      )}
    </>
  );
}

function Named({ account, isSimulated }: { account: Account; isSimulated: boolean }): ReactNode {
  const say = useWords(startWords);
  const sayAccount = useWords(accountWords);
  const { kind, appid } = account;
  return (
    <div>
      {say('accountDone', { name: accountName(account), kind: sayAccount(`kind.${kind}`), appid })}{' '}
      {isSimulated && <Tag tone="warn">{say('simulated')}</Tag>}
    </div>
  );
}

function Start({ isAgain }: { isAgain: boolean }): ReactNode {
  const say = useWords(startWords);
  const start = useChange('POST /v1/simulation', { rereads, onDone: ({ appid }) => chooseAccount(appid) });
  return (
    <>
      <Button icon="play" isPending={start.isPending} onPress={() => start.mutate({})}>
        {say(isAgain ? 'simulateAgain' : 'simulate')}
      </Button>
      <Failure error={start.error} />
    </>
  );
}

function End(): ReactNode {
  const say = useWords(startWords);
  const sayPart = useWords(partsWords);
  const [isAsking, setAsking] = useState(false);
  const end = useChange('DELETE /v1/simulation', {
    rereads,
    onDone: () => {
      setAsking(false);
      toast(say('ended'));
    },
  });
  return (
    <>
      <Button kind="quiet" onPress={() => setAsking(true)}>
        {say('end')}
      </Button>
      {isAsking && (
        <Dialog
          title={say('endTitle')}
          isOpen
          isBusy={end.isPending}
          onClose={() => setAsking(false)}
          actions={
            <>
              <Button onPress={() => setAsking(false)}>{sayPart('cancel')}</Button>
              <Button kind="danger" isPending={end.isPending} onPress={() => end.mutate({})}>
                {say('end')}
              </Button>
            </>
          }
        >
          <p>{say('endHint')}</p>
          <Failure error={end.error} />
        </Dialog>
      )}
    </>
  );
}
