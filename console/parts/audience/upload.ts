import { useState } from 'react';
import { HongyanProblem, HongyanUnreachable, problemFrom } from '../../../src/client/problem.ts';
import type { AnswerOf } from '../api.ts';
import { watched } from '../call.ts';
import { useLanguage } from '../language.tsx';

export type Uploaded = AnswerOf<'GET /v1/audiences/{id}'>;

export interface Upload {
  /** How much of it the server has, 0 to 1; null: none is under way. */
  share: number | null;
  error: unknown;
  /** Sends a file, whose openids are in that column; by itself the server finds it. */
  send(file: File, openidColumn?: string): void;
}

/** A file on its way, with how far it is: what fetch does not tell of a body that it sends. */
export function useUpload(appid: string, onDone: (made: Uploaded) => void): Upload {
  const { lang } = useLanguage();
  const [share, setShare] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  return {
    ...{ share, error },
    send(file, openidColumn) {
      setShare(0);
      setError(null);
      const query = new URLSearchParams({ appid, name: file.name });
      if (openidColumn !== undefined) query.set('openidColumn', openidColumn);
      watched(() => sent(`/v1/audiences?${query}`, file, lang, setShare))
        .then(onDone, setError)
        .finally(() => setShare(null));
    },
  };
}

function sent(url: string, file: File, lang: string, onShare: (share: number) => void): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.setRequestHeader('accept-language', lang);
    request.setRequestHeader('x-requested-with', 'hongyan');
    request.upload.onprogress = ({ loaded, total }) => onShare(total === 0 ? 1 : loaded / total);
    request.onerror = () => reject(new HongyanUnreachable(url, null));
    request.onload = () => {
      if (request.status === 201) resolve(JSON.parse(request.responseText));
      else reject(new HongyanProblem(problemFrom(request.status, request.responseText), null));
    };
    request.send(file);
  });
}
