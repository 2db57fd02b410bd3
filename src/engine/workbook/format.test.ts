import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cellFormat, renderGeneral } from './format.ts';

function show(value: number | string, code: string, date1904 = false): string {
  const format = cellFormat(code);
  if (typeof value === 'string') return format.text(value);
  const shown = format.number(value, date1904);
  return 'text' in shown ? shown.text : `no text: ${shown.fault.reason}`;
}

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
    [0, '0;-0;"无"', '无'],
    [12345, '0,', '12'],
    [12345, '0.00E+00', '1.23E+04'],
    [0.5, '# ?/?', ' 1/2'],
    [13800138000, '000-0000-0000', '138-0013-8000'],
    [5, '[>1]"many";"few"', 'many'],
  ];
  for (const [value, code, expected] of cases) {
    it(`${value} in ${code} is ${expected}`, () => assert.equal(show(value, code), expected));
  }

  const more: [number | string, string, string][] = [
    [1e14, 'General"元"', '100000000000000元'],
    [-3, '[=1]"男";[=2]"女"', 'no text: date-out-of-range'],
    [105, '[DBNum1][$-804]General', '一百〇五'],
    [10_010.5, '[DBNum2]General', '壹万零壹拾.伍'],
    [123_456_789_012_345, '[DBNum1]General', '一百二十三万四千五百六十七亿八千九百〇一万二千三百四十五'],
    [100_000_000, '[DBNum2]G/通用格式"元整"', '壹亿元整'],
    [-20, '[DBNum1]', '-二十'],
    [0, '[DBNum2]General', '零'],
    [12.5, '[DBNum2]0.00', '壹贰.伍零'],
    [12, '[DBNum2]"第1期"General', '第1期壹拾贰'],
    [12, '[DBNum3]General', 'no text: format-unsupported'],
    [1234, '[DBNum1]#,##0', 'no text: format-unsupported'],
    [12.5, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', '12.50'],
    [-1234.5, '#,##0.00;[红色]-#,##0.00', '-1,234.50'],
    ['王小明', '@"先生"', '王小明先生'],
    ['王小明', ';;;', ''],
    ['王小明', '0.00', '王小明'],
    ['王小明', 'yyyy-mm-dd;@', '王小明'],
    [5, '0'.repeat(256), 'no text: format-unsupported'],
    [5, '"never closed', 'no text: format-unsupported'],
  ];
  for (const [value, code, expected] of more) {
    it(`${value} in ${code.slice(0, 60)} is ${expected}`, () => assert.equal(show(value, code), expected));
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
    [45292, '[$-F800]dddd, mmmm dd, yyyy', '2024年1月1日'],
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

  const more: [number, string, string][] = [
    [45356.5625, '上午/下午h:mm', '下午1:30'],
    [45356, 'aaaa', '星期二'],
    [45356, '[$-404]e/m/d', '113/3/5'],
    [4000, '[$-404]e/m/d', 'no text: format-unsupported'],
    [45356, '[$-411]ge.m.d', 'no text: format-unsupported'],
    [45356, 'bbbb', 'no text: format-unsupported'],
    [45356, '[$-1010000]yyyy/mm/dd', '2024/03/05'],
    [45356, '[$-D000000]yyyy/mm/dd', 'no text: format-unsupported'],
    [0.5, '[$-F400]h:mm:ss AM/PM', '12:00:00'],
    [45310.5, '[DBNum1]yyyy"年"mm"月"d"日"h"时"', '二〇二四年〇一月十九日十二时'],
    [45310, '[DBNum2]m"月"d"日"', '壹月壹拾玖日'],
  ];
  for (const [value, code, expected] of more) {
    it(`${value} in ${code} is ${expected}`, () => assert.equal(show(value, code), expected));
  }

  it('counts from 1904 where the workbook says so', () => {
    assert.equal(show(45292 - 1462, 'yyyy-mm-dd', true), '2024-01-01');
    assert.equal(show(0, 'yyyy-mm-dd', true), '1904-01-01');
    // Hours that went by are the same in both.
    assert.equal(show(1.5, '[h]:mm', true), '36:00');
  });

  it('has no text for a negative date or one after 9999', () => {
    assert.equal(show(-1, 'yyyy-mm-dd'), 'no text: date-out-of-range');
    assert.equal(show(2958466, 'yyyy-mm-dd'), 'no text: date-out-of-range');
  });
});
