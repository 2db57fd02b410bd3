import { defineWords } from './define.ts';

export const nodesWords = defineWords({
  title: { en: 'Nodes', zh: '节点' },
  about: {
    en: 'Processes that plan and deliver at this moment. One that is not heard of for 15 s is taken for dead, and another takes over.',
    zh: '正在计划和发送的进程。15 秒没有心跳即视为失联，由其他节点接手。',
  },
  role: { en: 'Role', zh: '角色' },
  host: { en: 'Machine', zh: '主机' },
  pid: { en: 'Process', zh: '进程号' },
  empty: { en: 'No node delivers', zh: '没有节点在发送' },
  emptyHint: { en: 'Start one with: hongyan serve', zh: '请运行 hongyan serve 启动一个节点。' },
});
