/** What a page says, without its marks and with single spaces. */
export function pageText(html: string): string {
  return html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}
