import { defineWords } from './define.ts';

/** A file of people, wherever one is taken. */
export const uploadWords = defineWords({
  file: { en: 'File of people', zh: '名单文件' },
  chooseFile: { en: 'Choose a file', zh: '选择文件' },
  drop: { en: 'Drop a file here', zh: '把文件拖到这里' },
  fileHint: {
    en: 'Drop it here or choose it: CSV, TSV, XLSX, NDJSON or TXT with a column of openids.',
    zh: '拖到此处，或点击选择：CSV、TSV、XLSX、NDJSON 或 TXT，其中一列是 openid。',
  },
  sending: { en: 'Uploading: {percent} %', zh: '正在上传：{percent}%' },
  reading: { en: 'Reading …', zh: '正在读取…' },
  read: {
    en: 'People: {good}. Faulty rows: {bad}. openids are in column {column}.',
    zh: '{good} 人，{bad} 行有问题。openid 在“{column}”列。',
  },
  column: { en: 'openids are in column', zh: 'openid 所在列' },
  badRows: { en: 'Download the faulty rows', zh: '下载有问题的行' },
  line: { en: 'Line', zh: '行号' },
  fault: { en: 'What is wrong', zh: '问题' },
  more: {
    en: '{count} more faulty rows are in the file to download.',
    zh: '另有 {count} 行有问题，见下载的文件。',
  },
});
