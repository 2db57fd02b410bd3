/** WeChat shows times in the zone of the phone; of these people it is China's. */
const zone = 'Asia/Shanghai';

/** `09:12` today, then yesterday, then the day. */
export function chatTime(at: number, now: number, yesterday: string): string {
  const day = (time: number): string => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(time);
  const time = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
  if (day(at) === day(now)) return time;
  if (day(at) === day(now - 86_400_000)) return `${yesterday} ${time}`;
  return `${day(at).slice(5).replace('-', '/')} ${time}`;
}
