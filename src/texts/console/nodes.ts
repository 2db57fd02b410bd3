import { defineWords } from './define.ts';

export const nodesWords = defineWords({
  title: { en: 'Nodes', zh: '节点' },
  about: {
    en: 'Processes that plan and deliver at this moment. One that is not heard of for 15 s is taken for dead, and another takes over.',
    zh: '正在计划和发送的进程。15 秒没有心跳即视为失联，由其他节点接手。',
  },
  role: { en: 'Role', zh: '角色' },
  'does.serve': {
    en: 'plans, keeps schedules, sends, takes events',
    zh: '生成计划、执行定时任务、发送、接收事件',
  },
  'does.push': { en: 'a push at a terminal; sends until it ends', zh: '命令行推送，发送完即结束' },
  'does.demo': { en: 'the demo', zh: '演示' },
  version: { en: 'Version', zh: '版本' },
  started: { en: 'Since', zh: '启动时间' },
  seen: { en: 'Last sign', zh: '最近心跳' },
  host: { en: 'Machine', zh: '主机' },
  pid: { en: 'Process', zh: '进程号' },
  empty: { en: 'No node delivers', zh: '没有节点在发送' },
  emptyHint: { en: 'Start one with: hongyan serve', zh: '请运行 hongyan serve 启动一个节点。' },
});
