import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { publishBatchResult } from '../../../../shared/cellar/aws/calls/publish-batch.ts';
import { find, readXml, textOf, type XmlElement } from '../../../../shared/cellar/aws/calls/read-xml.ts';

/** As SNS's API reference shows it. */
const ANSWER = `<?xml version="1.0" encoding="UTF-8"?>
<PublishBatchResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
  <PublishBatchResult>
    <Successful>
      <member><MessageId>uuid</MessageId><Id>0</Id><SequenceNumber>1</SequenceNumber></member>
    </Successful>
    <Failed>
      <member>
        <Message>&quot;a&quot; &lt;b&gt; &amp;amp; &#x1F377;&#33;</Message>
        <Id>1</Id><Code>InvalidParameter</Code><SenderFault>true</SenderFault>
      </member>
      <member><Id>2</Id><Code>InternalError</Code><SenderFault>false</SenderFault><Message/></member>
    </Failed>
  </PublishBatchResult>
  <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>
</PublishBatchResponse>`;

const LEAF: XmlElement = { name: 'leaf', text: '', children: [] };

const answered = (text: string) => ({ status: 200, headers: new Headers(), body: new TextEncoder().encode(text) });

describe('the answer of PublishBatch', () => {
  it('is read entry by entry, entities decoded', () => {
    expect(publishBatchResult(answered(ANSWER))).toEqual({
      Successful: [{ Id: '0' }],
      Failed: [
        { Id: '1', Code: 'InvalidParameter', SenderFault: true, Message: '"a" <b> &amp; 🍷!' },
        { Id: '2', Code: 'InternalError', SenderFault: false, Message: '' },
      ],
    });
  });

  it.each(['', 'it works', '{}', '<a>', '<a></b>', '</a>', '<a/><', '<a/>text', '<a b="</a>', ANSWER.slice(0, -9)])(
    'is refused where it is none: %s',
    (text) => expect(() => publishBatchResult(answered(text))).toThrow(SyntaxError),
  );

  it('is refused where it is that of another operation', () => {
    expect(() => publishBatchResult(answered('<PublishResponse/>'))).toThrow('has no PublishBatchResult');
  });
});

describe('readXml', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/);
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  const elementOf = (depth: number): fc.Arbitrary<XmlElement> =>
    fc.record({
      name,
      text,
      children: fc.array(depth === 0 ? fc.constant(LEAF) : elementOf(depth - 1), { maxLength: 3 }),
    });

  function written({ name: tag, text: content, children }: XmlElement): string {
    const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    return `<${tag} a="1>0" b='"'>${escaped}${children.map(written).join('')}</${tag}>`;
  }

  it('reads what was written', () => {
    fc.assert(fc.property(elementOf(3), (root) => expect(readXml(written(root))).toEqual(root)));
  });

  it('finds the first element of a name, wherever it is', () => {
    const root = readXml('<a><b><c>1</c></b><c>2</c></a>');
    expect([textOf(root, 'c'), textOf(root, 'none'), find(root, 'a')?.name]).toEqual(['1', '', 'a']);
  });
});
