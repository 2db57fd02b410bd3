import { type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import type { Permission } from '../../src/contract/permissions.ts';
import { permissionWords } from '../../src/texts/console/access/permissions.ts';
import { frameWords } from '../../src/texts/console/frame.ts';
import { Boundary } from '../parts/boundary.tsx';
import { ButtonLink, IconButton } from '../parts/button.tsx';
import { useWords } from '../parts/language.tsx';
import { Empty, Loading, Notice } from '../parts/notice.tsx';
import { Page } from '../parts/page.tsx';
import { matchPath, usePath } from '../parts/router.tsx';
import { useMay, useMe } from '../parts/session.ts';
import { formatTime, useZone } from '../parts/time.tsx';
import { toast } from '../parts/toast.tsx';
import { useLost, useNotLive } from './connection.ts';
import { MenuList } from './menu-list.tsx';
import { pages } from './routes.tsx';
import css from './shell.module.css';
import { Top } from './top.tsx';

/** Menu at the left, account, search and person at the top, one page. Under 900 px the menu is a drawer. */
export function Shell(): ReactNode {
  const say = useWords(frameWords);
  const path = usePath();
  const [isOpen, setOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: going somewhere closes the drawer
  useEffect(() => setOpen(false), [path]);
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#main">
        {say('skip')}
      </a>
      <aside className={css.side}>
        <MenuList />
      </aside>
      <ModalOverlay className={css.veil ?? ''} isOpen={isOpen} onOpenChange={setOpen} isDismissable>
        <Modal className={css.drawer ?? ''}>
          <Dialog aria-label={say('menu.label')} className={css.dialog ?? ''}>
            <MenuList />
          </Dialog>
        </Modal>
      </ModalOverlay>
      <div className={css.rest}>
        <Top
          menuButton={
            <span className={css.menuButton}>
              <IconButton icon="menu" label={say('menu.label')} onPress={() => setOpen(true)} />
            </span>
          }
        />
        <Lost />
        <Boundary key={path}>
          <Suspense fallback={<Loading />}>
            <Current path={path} />
          </Suspense>
        </Boundary>
      </div>
    </div>
  );
}

function Current({ path }: { path: string }): ReactNode {
  const say = useWords(frameWords);
  const may = useMay();
  for (const row of pages) {
    const params = row === null ? null : matchPath(row.path, path);
    if (row === null || params === null) continue;
    return row.permission === undefined || may(row.permission) ? (
      <row.page params={params} />
    ) : (
      <Forbidden permission={row.permission} />
    );
  }
  return (
    <Page title={say('notFound')}>
      <Empty title={say('notFoundHint')} action={<ButtonLink href="/">{say('toOverview')}</ButtonLink>} />
    </Page>
  );
}

/** Whoever follows a link to a page that is not theirs is told what they lack, and nothing is asked of the server. */
function Forbidden({ permission }: { permission: Permission }): ReactNode {
  const say = useWords(frameWords);
  const sayPermission = useWords(permissionWords);
  const { role } = useMe();
  return (
    <Page title={say('forbidden')}>
      <Empty
        title={
          role === null
            ? say('forbiddenKey', { permission: sayPermission(permission) })
            : say('forbiddenRole', {
                role: sayPermission(`role.${role}`),
                permission: sayPermission(permission),
              })
        }
        action={<ButtonLink href="/">{say('toOverview')}</ButtonLink>}
      >
        {say('forbiddenHint')}
      </Empty>
    </Page>
  );
}

function Lost(): ReactNode {
  const say = useWords(frameWords);
  const zone = useZone();
  const lost = useLost();
  const isNotLive = useNotLive();
  const wasLost = useRef(false);
  useEffect(() => {
    if (lost === null && wasLost.current) toast(say('back'));
    wasLost.current = lost !== null;
  }, [lost, say]);
  // It is there before there is anything to say, or screen readers would not say it.
  return (
    <div className={css.lost} role="status">
      {lost !== null ? (
        <Notice tone="warn">
          {say(lost.what === 'unreachable' ? 'lost' : 'databaseAway', {
            time: formatTime(lost.since, zone, 'second'),
          })}
        </Notice>
      ) : (
        isNotLive && <Notice tone="warn">{say('notLive')}</Notice>
      )}
    </div>
  );
}
