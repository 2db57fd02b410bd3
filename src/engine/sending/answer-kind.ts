import { errcodeInfo } from '../../wechat/errcodes/errcodes.ts';
import { WechatTransportError } from '../../wechat/error.ts';
import type { SendAnswer } from '../../wechat/http/answer.ts';

/** What one answer says about WeChat's state: `slower` is 45011, `failed` an outage or overload, `neutral` nothing. */
export function answerKind(
  answer: SendAnswer,
  path: string,
): 'accepted' | 'answered' | 'slower' | 'failed' | 'neutral' {
  switch (answer.kind) {
    case 'accepted':
      return 'accepted';
    case 'no-answer':
      return 'failed';
    case 'not-sent':
      if (answer.reason === 'token')
        return answer.error instanceof WechatTransportError ? 'failed' : 'neutral';
      return answer.reason === 'deadline' ? 'neutral' : 'failed';
    case 'refused': {
      const { action } = errcodeInfo(answer.errcode, path);
      if (action === 'retry') return 'failed';
      return action === 'wait-minute' ? 'slower' : 'answered';
    }
  }
}
