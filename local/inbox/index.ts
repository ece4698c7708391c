/** The phone inbox: what the simulator accepted, as a page and as JSON. */
export { type Inbox, type InboxOptions, startInbox } from './server.ts';
