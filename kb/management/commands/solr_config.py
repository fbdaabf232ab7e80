from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from kb.search.ranking import K1, B

CORES = ("askwell_public", "askwell_staff")

# Our terms arrive ready made: Solr parts them at spaces and nothing else.
SCHEMA = f"""<?xml version="1.0" encoding="UTF-8"?>
<schema name="askwell" version="1.6">
  <uniqueKey>id</uniqueKey>
  <similarity class="solr.BM25SimilarityFactory">
    <float name="k1">{K1}</float>
    <float name="b">{B}</float>
  </similarity>

  <fieldType name="string" class="solr.StrField" docValues="true"/>
  <fieldType name="long" class="solr.LongPointField" docValues="true"/>
  <fieldType name="terms" class="solr.TextField" autoGeneratePhraseQueries="false">
    <analyzer><tokenizer class="solr.WhitespaceTokenizerFactory"/></analyzer>
  </fieldType>

  <field name="id" type="string" indexed="true" stored="true" required="true"/>
  <field name="django_ct" type="string" indexed="true" stored="true"/>
  <field name="django_id" type="string" indexed="true" stored="true"/>
  <field name="language" type="string" indexed="true" stored="true"/>
  <field name="article" type="long" indexed="true" stored="true"/>
  <field name="category" type="long" indexed="true" stored="true"/>
  <field name="stamp" type="long" indexed="false" stored="true"/>
  <field name="mark" type="long" indexed="false" stored="true"/>
  <field name="text" type="terms" indexed="true" stored="false"/>
  <field name="title" type="terms" indexed="true" stored="false"/>
  <field name="questions" type="terms" indexed="true" stored="false" multiValued="true"/>
  <field name="words" type="terms" indexed="true" stored="false" omitNorms="true"
         omitTermFreqAndPositions="true"/>
  <field name="_version_" type="long" indexed="false" stored="false"/>
  <field name="category_exact" type="long" indexed="true" stored="false"/>
  <copyField source="category" dest="category_exact"/>
</schema>
"""

CONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<config>
  <luceneMatchVersion>9.0.0</luceneMatchVersion>
  <schemaFactory class="ClassicIndexSchemaFactory"/>
  <directoryFactory name="DirectoryFactory" class="solr.NRTCachingDirectoryFactory"/>

  <!-- What is written is kept after a minute and shown with the worker's own commit. -->
  <updateHandler class="solr.DirectUpdateHandler2">
    <updateLog/>
    <autoCommit><maxTime>60000</maxTime><openSearcher>false</openSearcher></autoCommit>
  </updateHandler>

  <query>
    <maxBooleanClauses>1024</maxBooleanClauses>
    <filterCache size="512" initialSize="512" autowarmCount="16"/>
    <queryResultCache size="512" initialSize="512" autowarmCount="0"/>
    <queryResultWindowSize>20</queryResultWindowSize>
    <useColdSearcher>false</useColdSearcher>
  </query>

  <requestHandler name="/select" class="solr.SearchHandler">
    <lst name="defaults">
      <str name="defType">lucene</str>
      <str name="q.op">OR</str>
      <str name="df">text</str>
      <str name="wt">json</str>
    </lst>
    <arr name="last-components"><str>spellcheck</str></arr>
  </requestHandler>
  <requestHandler name="/update" class="solr.UpdateRequestHandler"/>

  <!-- Only words that stand in no article are repaired, with one or two letters changed. -->
  <searchComponent name="spellcheck" class="solr.SpellCheckComponent">
    <str name="queryAnalyzerFieldType">terms</str>
    <lst name="spellchecker">
      <str name="name">default</str>
      <str name="classname">solr.DirectSolrSpellChecker</str>
      <str name="field">words</str>
      <int name="maxEdits">2</int>
      <int name="minPrefix">0</int>
      <int name="minQueryLength">4</int>
      <float name="accuracy">0.5</float>
    </lst>
  </searchComponent>
</config>
"""


class Command(BaseCommand):
    help = "Writes the folders of the two Solr cores, to be put below Solr's home."

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path)

    def handle(self, *, folder, **options):
        try:
            for core in CORES:
                conf = folder / core / "conf"
                conf.mkdir(parents=True, exist_ok=True)
                (folder / core / "core.properties").write_text(f"name={core}\n", encoding="utf-8")
                (conf / "schema.xml").write_text(SCHEMA, encoding="utf-8")
                (conf / "solrconfig.xml").write_text(CONFIG, encoding="utf-8")
        except OSError as problem:
            raise CommandError(f"{problem.filename}: {problem.strerror}") from None
        self.stdout.write(f"{folder}: {', '.join(CORES)}")
