import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNumberFormat, renderGeneral } from './xlsx-number-format.ts';

const show = (value: number, code: string, date1904 = false): string | undefined =>
  parseNumberFormat(code).render(value, date1904);

describe('numbers as the sheet shows them', () => {
  const cases: [number, string, string][] = [
    [19.989999999999998, 'General', '19.99'],
    [0.1 + 0.2, 'General', '0.3'],
    [138000138000, 'General', '138000138000'],
    [999999999999999, 'General', '999999999999999'],
    [1e-7, 'General', '0.0000001'],
    [-1.5, 'General', '-1.5'],
    [-0, 'General', '0'],
    [12, '@', '12'],
    [12, 'G/通用格式', '12'],
    [1.005, '0.00', '1.01'],
    [2.5, '0', '3'],
    [-2.5, '0', '-3'],
    [-0.001, '0.00', '0.00'],
    [7, '0000', '0007'],
    [1234567.891, '#,##0.00', '1,234,567.89'],
    [1234.5, '"¥"#,##0.00', '¥1,234.50'],
    [1234.5, '[$¥-804]#,##0.00;[Red]\\-[$¥-804]#,##0.00', '¥1,234.50'],
    [-1234.5, '[$¥-804]#,##0.00;[Red]\\-[$¥-804]#,##0.00', '-¥1,234.50'],
    [-5, '¥#,##0', '-¥5'],
    [0.1234, '0.0%', '12.3%'],
    [0.5, '0%', '50%'],
    [1.5, '0.0#', '1.5'],
    [30, '0"元"', '30元'],
    [0, '0;-0;"无"', '0'],
    [12345, '0,', '12'],
    [12345, '0.00E+00', '12345'],
    [0.5, '# ?/?', '0.5'],
    [13800138000, '000-0000-0000', '13800138000'],
    [5, '[>1]"many";"few"', '5'],
  ];
  for (const [value, code, expected] of cases) {
    it(`${value} in ${code} is ${expected}`, () => assert.equal(show(value, code), expected));
  }

  it('General never uses an exponent', () => assert.equal(renderGeneral(1e14), '100000000000000'));
});

describe('dates as the sheet shows them', () => {
  // 45292 is 2024-01-01, a Monday.
  const cases: [number, string, string][] = [
    [45292, 'yyyy-mm-dd', '2024-01-01'],
    [45292, 'yyyy/m/d;@', '2024/1/1'],
    [45292.5, 'yyyy/m/d h:mm', '2024/1/1 12:00'],
    [45292, 'yyyy"年"m"月"d"日"', '2024年1月1日'],
    [45292, '[$-F800]yyyy"年"m"月"d"日" dddd', '2024年1月1日 Monday'],
    [45292, '[$-804]aaaa;@', '星期一'],
    [45292, '[DBNum1][$-804]yyyy"年"m"月"d"日"', '二〇二四年一月一日'],
    [45285, '[DBNum1]m"月"d"日"', '十二月二十五日'],
    [45292, 'd-mmm-yy', '1-Jan-24'],
    [45292.75, 'h:mm AM/PM', '6:00 PM'],
    [45292.25, '上午/下午h"时"mm"分"', '上午6时00分'],
    [45292.99998842592, 'yyyy-mm-dd hh:mm:ss', '2024-01-01 23:59:59'],
    [45292.9999999, 'yyyy-mm-dd hh:mm:ss', '2024-01-02 00:00:00'],
    [1.5, '[h]:mm:ss', '36:00:00'],
    [0.0006944444, 'mm:ss', '01:00'],
    [0.00001157407 * 1.25, 'ss.00', '01.25'],
    [60, 'yyyy-mm-dd', '1900-02-29'],
    [59, 'yyyy-mm-dd', '1900-02-28'],
    [61, 'yyyy-mm-dd', '1900-03-01'],
    [1, 'yyyy-mm-dd', '1900-01-01'],
    [2958465, 'yyyy-mm-dd', '9999-12-31'],
  ];
  for (const [value, code, expected] of cases) {
    it(`${value} in ${code} is ${expected}`, () => assert.equal(show(value, code), expected));
  }

  it('counts from 1904 where the workbook says so', () => {
    assert.equal(show(45292 - 1462, 'yyyy-mm-dd', true), '2024-01-01');
    assert.equal(show(0, 'yyyy-mm-dd', true), '1904-01-01');
  });

  it('has no text for a negative date or one after 9999', () => {
    assert.equal(show(-1, 'yyyy-mm-dd'), undefined);
    assert.equal(show(2958466, 'yyyy-mm-dd'), undefined);
  });
});
