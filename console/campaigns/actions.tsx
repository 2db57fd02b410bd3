import { type ReactNode, useState } from 'react';
import { campaignsWords } from '../../src/texts/console/campaigns.ts';
import { partsWords } from '../../src/texts/console/parts.ts';
import { useChange } from '../parts/api.ts';
import { Button } from '../parts/button.tsx';
import { QuestionDialog } from '../parts/dialog.tsx';
import { Failure } from '../parts/failure.tsx';
import { useWords } from '../parts/language.tsx';
import { useMay } from '../parts/session.ts';
import { OwnRate } from './own-rate.tsx';
import { Rate } from './rate.tsx';
import { isOver, type Report } from './words.ts';

const rereads = ['GET /v1/campaigns/{id}', 'GET /v1/campaigns'] as const;

/** What may be done to it now, by this person. */
export function Actions({
  of: report,
  ratePerS,
}: {
  of: Report;
  /** Of the account; undefined until it is known. */
  ratePerS: number | undefined;
}): ReactNode {
  const say = useWords(campaignsWords);
  const sayPart = useWords(partsWords);
  const may = useMay();
  const [isAsking, setAsking] = useState(false);
  const [isChangingRate, setChangingRate] = useState(false);
  const [isChangingOwn, setChangingOwn] = useState(false);
  const params = { id: report.id };
  const pause = useChange('POST /v1/campaigns/{id}/pause', { rereads });
  const resume = useChange('POST /v1/campaigns/{id}/resume', { rereads });
  const approve = useChange('POST /v1/campaigns/{id}/approve', { rereads });
  const cancel = useChange('POST /v1/campaigns/{id}/cancel', { rereads, onDone: () => setAsking(false) });
  const isOpen = !isOver(report.state);
  return (
    <>
      {report.next === 'approve' && may('campaign.approve') && (
        <Button kind="primary" isPending={approve.isPending} onPress={() => approve.mutate({ params })}>
          {say('approve')}
        </Button>
      )}
      {may('campaign.send') && report.state === 'running' && (
        <Button icon="pause" isPending={pause.isPending} onPress={() => pause.mutate({ params })}>
          {say('pause')}
        </Button>
      )}
      {may('campaign.send') && report.state === 'paused' && report.next !== 'approve' && (
        <Button
          icon="play"
          kind="primary"
          isPending={resume.isPending}
          onPress={() => resume.mutate({ params })}
        >
          {say('resume')}
        </Button>
      )}
      {may('account.manage') && isOpen && ratePerS !== undefined && (
        <Button onPress={() => setChangingRate(true)}>{say('rate')}</Button>
      )}
      {may('campaign.send') && isOpen && (
        <Button onPress={() => setChangingOwn(true)}>{say('ownRate')}</Button>
      )}
      {isChangingOwn && <OwnRate of={report} onClose={() => setChangingOwn(false)} />}
      {isChangingRate && ratePerS !== undefined && (
        <Rate appid={report.appid} ratePerS={ratePerS} onClose={() => setChangingRate(false)} />
      )}
      {may('campaign.send') && isOpen && <Button onPress={() => setAsking(true)}>{say('cancel')}</Button>}
      <Failure error={pause.error ?? resume.error ?? approve.error} />
      <QuestionDialog
        title={say('cancelTitle', { id: String(report.id) })}
        yes={say('cancel')}
        no={sayPart('close')}
        change={cancel}
        isOpen={isAsking}
        onYes={() => cancel.mutate({ params })}
        onClose={() => setAsking(false)}
      >
        <p>{say('cancelHint', { unsent: report.unsent })}</p>
      </QuestionDialog>
    </>
  );
}
