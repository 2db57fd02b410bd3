import type { Words } from './catalogue.ts';

/** What the file system says, for whoever does not know its codes. */
const problems: Readonly<Record<string, Words>> = {
  ENOENT: { en: 'no such file or directory', zh: '文件或目录不存在' },
  EACCES: { en: 'no permission', zh: '没有权限' },
  EPERM: { en: 'not permitted', zh: '不允许该操作' },
  EISDIR: { en: 'it is a directory', zh: '这是目录' },
  ENOTDIR: { en: 'a part of the path is no directory', zh: '路径中有一段不是目录' },
  EROFS: { en: 'the file system is read-only', zh: '文件系统只读' },
  ENOSPC: { en: 'the disk is full', zh: '磁盘已满' },
  EDQUOT: { en: 'the disk quota is used up', zh: '磁盘配额已用完' },
  EFBIG: { en: 'the file is too large', zh: '文件过大' },
  EIO: { en: 'the disk failed', zh: '磁盘读写出错' },
  ELOOP: { en: 'links that lead in a circle', zh: '符号链接成环' },
  ENAMETOOLONG: { en: 'the name is too long', zh: '文件名过长' },
  EMFILE: { en: 'this process has too many files open', zh: '进程打开的文件过多' },
  EBUSY: { en: 'it is in use', zh: '正被占用' },
  EXDEV: { en: 'on another file system', zh: '不在同一文件系统' },
};

/** A code of the file system in words, with the code; one without words alone. */
export function fileProblem(code: string | undefined): Words {
  const words = problems[code ?? ''];
  if (words === undefined) return { en: code ?? 'I/O', zh: code ?? 'I/O' };
  return { en: `${words.en}, ${code}`, zh: `${words.zh}，${code}` };
}

/** Whether a code is one of a file, so that a failure with a path can be told by it. */
export function isFileProblem(code: string | undefined): boolean {
  return code !== undefined && Object.hasOwn(problems, code);
}
