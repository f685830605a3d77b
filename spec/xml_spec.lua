local xml = require "bedrock.xml"

local function refused(text, opts)
  local root, err = xml.decode(text, opts)
  assert.is_nil(root)
  assert.equal("xml", err.code)
  return err
end

describe("the XML reader", function()
  it("reads an answer of STS", function()
    local root = assert(xml.decode [[
<?xml version="1.0" encoding="UTF-8"?>
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:user/ana</Arn>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>
]])
    assert.equal("GetCallerIdentityResponse", root.name)
    assert.equal("https://sts.amazonaws.com/doc/2011-06-15/", root.attributes.xmlns)
    assert.same({ Arn = "arn:aws:iam::123456789012:user/ana", Account = "123456789012" },
      xml.value(xml.child(root, "GetCallerIdentityResult")))
  end)

  local texts = {
    { "five entities", "<a>&lt;&gt;&amp;&quot;&apos;</a>", "<>&\"'" },
    { "decimal characters", "<a>&#65;&#8364;</a>", "A\226\130\172" },
    { "hexadecimal characters", "<a>&#x1F600;</a>", "\240\159\152\128" },
    { "an entity once only", "<a>&amp;lt;</a>", "&lt;" },
    { "CDATA as it stands", "<a>x<![CDATA[<b>&amp;]]>y</a>", "x<b>&amp;y" },
    { "text around a comment", "<a>x<!-- - > -->y</a>", "xy" },
    { "an empty element", "<a></a>", "" },
    { "an element closed at once", "<a />", "" },
    { "white space as it is", "<a> x\t\n</a>", " x\t\n" },
    { "line ends as one", "<a>x\r\ny\rz</a>", "x\ny\nz" },
    { "UTF-8", "<a>\195\169 \240\159\152\128</a>", "\195\169 \240\159\152\128" },
    { "a byte order mark before it", "\239\187\191<a>x</a>", "x" },
    { "comments before and after it", "<!-- b --><a>x</a> <!-- c -->\n", "x" },
  }

  for _, case in ipairs(texts) do
    it("reads " .. case[1], function()
      assert.equal(case[3], assert(xml.decode(case[2])).text)
    end)
  end

  it("reads attributes in either quotes, with entities", function()
    local root = assert(xml.decode([[<a b="1 &gt; 0" c-d = '"'/>]]))
    assert.same({ b = "1 > 0", ["c-d"] = '"' }, root.attributes)
  end)

  local broken = {
    "", "   ", "x", "<a>", "<a", "<a b>", "<a></b>", "</a>", "<a><b></a></b>", "<a/><b/>", "<a/>x", "<a>x</a", "< a/>",
    "<a b=1/>", "<a b='1' b='2'/>", "<a b='1'c='2'/>", "<a b='<'/>", "<a b='1/>", "<a b=\"&x;\"/>",
    "<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&x;</a>", "<a>&nbsp;</a>", "<a>&</a>", "<a>& ;</a>",
    "<a>&#0;</a>", "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&#99999999999;</a>", "<a>&#;</a>", "<a>&#x;</a>",
    "<a>&#xFFFF;</a>",
    "<?php x?><a/>", "<a><?x y?></a>", "<a><!-- x</a>", "<a><!-- x -- y --></a>", "<a><![CDATA[x</a>", "<a>]]></a>",
    "<a>x<b/></a>", "<a><b/>x</a>", "<a>\0</a>", "<a>\1</a>", "<a>\255</a>", "<a>\192\128</a>", "<a>\237\160\128</a>",
    "<a>\244\144\128\128</a>", "<a>\226\130</a>", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "<1/>",
    "<html><body><br></body></html>",
  }

  for _, text in ipairs(broken) do
    it("refuses " .. ("%q"):format(text), function() refused(text) end)
  end

  it("says what is wrong and where", function()
    assert.same({ code = "xml", message = "</a> where </b> was expected", position = 11 }, refused("<a><b></a></b>"))
    assert.equal(5, refused("<a>x&y;</a>").position)
  end)

  it("refuses every beginning of a document", function()
    local whole = "<?xml version='1.0'?><a b='c'><d>e &amp; f</d><!-- g --><h/></a>"
    assert(xml.decode(whole))
    for length = 0, #whole - 1 do refused(whole:sub(1, length)) end
  end)

  it("survives every damage of one byte: it answers, or says where", function()
    local whole = "<?xml version='1.0'?><a b='c'><d>e &amp; f</d><!-- g --><h/></a>"
    for at = 1, #whole do
      for _, byte in ipairs { "\0", "<", ">", "&", ";", "'", "/", "!", "x", " ", "\200" } do
        local root, err = xml.decode(whole:sub(1, at - 1) .. byte .. whole:sub(at + 1))
        assert(root and root.name or err.position, "neither a tree nor an error")
      end
    end
  end)

  it("limits depth and size", function()
    assert(xml.decode(("<a>"):rep(64) .. ("</a>"):rep(64)))
    assert.equal("elements lie deeper than 64", refused(("<a>"):rep(65) .. ("</a>"):rep(65)).message)
    refused(("<a>"):rep(200000))
    assert.equal("the text is longer than 10 bytes", refused("<aaaaaaaaaa/>", { size = 10 }).message)
    refused("<a><b/></a>", { depth = 1 })
  end)
end)

describe("an element as a value", function()
  it("is a table by names, a list of members, or text", function()
    local root = assert(xml.decode("<r><a>1</a><l><member>x</member><member><k>y</k></member></l><e/></r>"))
    assert.same({ a = "1", l = { "x", { k = "y" } }, e = "" }, xml.value(root))
  end)
end)
