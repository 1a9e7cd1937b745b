import java.io.BufferedReader;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import org.eclipse.rdf4j.model.impl.SimpleValueFactory;
import org.eclipse.rdf4j.query.BooleanQuery;
import org.eclipse.rdf4j.query.GraphQuery;
import org.eclipse.rdf4j.query.TupleQuery;
import org.eclipse.rdf4j.query.resultio.text.csv.SPARQLResultsCSVWriter;
import org.eclipse.rdf4j.repository.RepositoryConnection;
import org.eclipse.rdf4j.repository.sparql.SPARQLRepository;
import org.eclipse.rdf4j.repository.util.RDFLoader;
import org.eclipse.rdf4j.rio.ParserConfig;
import org.eclipse.rdf4j.rio.nquads.NQuadsWriter;

/** Asks RDF4J in one Java: each line is a file for the answer, "load" and an address, or "query", endpoint and query. */
class Rdf4j {
  public static void main(String[] none) throws Exception {
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = input.readLine()) != null; ) {
      var words = line.split("\t");
      try (var out = new FileOutputStream(words[0])) {
        switch (words[1]) {
          case "load" -> load(words[2], out);
          case "query" -> ask(words[2], words[3], out);
          case "graphs" -> graphs(words[2], out);
          default -> throw new IllegalArgumentException(words[1]);
        }
        System.out.println("done");
      } catch (Exception error) {
        System.out.println("failed: " + String.valueOf(error).replace('\n', ' '));
      }
    }
  }

  private static void load(String address, FileOutputStream out) throws Exception {
    var loader = new RDFLoader(new ParserConfig(), SimpleValueFactory.getInstance());
    loader.load(new URL(address), address, null, new NQuadsWriter(out));
  }

  private static void ask(String endpoint, String text, FileOutputStream out) throws Exception {
    try (var connection = connection(endpoint)) {
      var query = connection.prepareQuery(text);
      if (query instanceof TupleQuery table) table.evaluate(new SPARQLResultsCSVWriter(out));
      if (query instanceof GraphQuery graph) graph.evaluate(new NQuadsWriter(out));
      if (query instanceof BooleanQuery truth) out.write(String.valueOf(truth.evaluate()).getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Writes the number of all statements, and the name of each graph with the statements that its name finds. */
  private static void graphs(String endpoint, FileOutputStream out) throws Exception {
    try (var connection = connection(endpoint); var found = connection.getContextIDs()) {
      out.write((connection.size() + "\n").getBytes(StandardCharsets.UTF_8));
      for (var graph : found) {
        out.write((graph + " " + connection.size(graph) + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private static RepositoryConnection connection(String endpoint) {
    var repository = new SPARQLRepository(endpoint);
    repository.enableQuadMode(true); // without, it does not ask for one graph only
    return repository.getConnection();
  }
}
