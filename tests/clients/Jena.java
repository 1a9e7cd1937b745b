import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.jena.cmd.CmdGeneral;

/** Runs commands of Apache Jena in one Java: each line is a file for what it prints, the command and its arguments. */
class Jena {
  public static void main(String[] none) throws Exception {
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var reply = System.out;
    for (String line; (line = input.readLine()) != null; ) {
      var words = line.split("\t");
      var printed = new PrintStream(words[0], StandardCharsets.UTF_8);
      System.setOut(printed);
      try {
        var code = command(words[1], Arrays.copyOfRange(words, 2, words.length)).mainRun(false, false);
        reply.println(code == 0 ? "done" : "failed: " + code);
      } catch (Throwable error) {
        reply.println("failed: " + String.valueOf(error).replace('\n', ' '));
      } finally {
        printed.close();
      }
    }
  }

  private static CmdGeneral command(String name, String[] words) {
    return switch (name) {
      case "riot" -> new riotcmd.riot(words) { };
      case "arq" -> new arq.arq(words);
      case "rsparql" -> new arq.rsparql(words);
      default -> throw new IllegalArgumentException(name);
    };
  }
}
