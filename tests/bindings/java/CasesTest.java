// SPDX-License-Identifier: Apache-2.0
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.AfterClass;
import org.junit.BeforeClass;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.TemporaryFolder;
import stm32tvm.*;

/** The cases that all bindings share, and what is Java's own. */
public class CasesTest {
  private static final String MANIFEST = ".stm32tvm-manifest";
  private static final Path DATA = Path.of(System.getenv("STM32TVM_DATA"));
  private static JsonObject cases;

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @BeforeClass
  public static void readCases() throws IOException {
    cases = JsonParser.parseString(Files.readString(Path.of(System.getenv("STM32TVM_CASES")))).getAsJsonObject();
    CallCount.start();
  }

  @AfterClass
  public static void everyFunctionWasCalled() throws IOException {
    List<String> functions = Files.readAllLines(Path.of(System.getenv("STM32TVM_FUNCTIONS")));
    assertTrue(functions.size() > 30);
    assertEquals(new TreeSet<>(functions), new TreeSet<>(CallCount.calls().keySet()));
  }

  private static Path data(JsonObject values, String key) {
    return DATA.resolve(values.get(key).getAsString());
  }

  private static Path archive() {
    return data(cases.getAsJsonObject("open"), "archive");
  }

  private static Stm32tvmException failure(ThrowingRunnable call) {
    return assertThrows(Stm32tvmException.class, call);
  }

  private static ErrorCode code(JsonElement name) {
    return ErrorCode.valueOf(name.getAsString().toUpperCase(Locale.ROOT));
  }

  private static <T extends Options<T>> T set(T options, JsonObject values) {
    values.entrySet().forEach(entry -> options.option(entry.getKey(), entry.getValue().toString()));
    return options;
  }

  private static List<ByteBuffer> buffers(JsonArray paths) throws IOException {
    List<ByteBuffer> buffers = new ArrayList<>();
    for (JsonElement path : paths) {
      buffers.add(ByteBuffer.wrap(Files.readAllBytes(DATA.resolve(path.getAsString()))));
    }
    return buffers;
  }

  private static SourceTree emitted(String name, ProgressListener listener) throws Exception {
    JsonObject found = null;
    for (JsonElement each : cases.getAsJsonArray("emissions")) {
      found = each.getAsJsonObject().get("name").getAsString().equals(name) ? each.getAsJsonObject() : found;
    }
    List<Sample> samples = new ArrayList<>();
    for (JsonElement each : found.getAsJsonArray("samples")) {
      JsonObject sample = each.getAsJsonObject();
      samples.add(new Sample(buffers(sample.getAsJsonArray("inputs")), buffers(sample.getAsJsonArray("outputs"))));
    }
    try (ModelLibrary library = ModelLibrary.open(data(found, "archive"));
        NetworkDescriptor network =
            library.network("", set(new NetworkOptions(), found.getAsJsonObject("network")), null);
        MemoryPlan plan = MemoryPlan.make(network, set(new PlanOptions(), found.getAsJsonObject("plan")))) {
      return ProjectEmitter.emit(plan, set(new EmitOptions(), found.getAsJsonObject("emit")), samples, listener);
    }
  }

  private static String hash(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static Map<String, String> hashes(SourceTree tree) throws Exception {
    Map<String, String> hashes = new TreeMap<>();
    for (String path : tree.paths()) {
      hashes.put(path, hash(tree.bytes(path)));
    }
    return hashes;
  }

  private static Map<String, String> hashes(Path folder) throws Exception {
    Map<String, String> hashes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        hashes.put(folder.relativize(file).toString(), hash(Files.readAllBytes(file)));
      }
    }
    return hashes;
  }

  /** What the command-line program wrote. */
  private static Map<String, String> golden(String name) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of(System.getenv("STM32TVM_GOLDEN"), name + ".sha256"))) {
      hashes.put(line.substring(66), line.substring(0, 64));
    }
    return hashes;
  }

  @Test
  public void open() throws Exception {
    JsonObject expected = cases.getAsJsonObject("open");
    byte[] bytes = Files.readAllBytes(archive());
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 7).position(7).put(bytes).position(7);
    for (ModelLibrary opened : List.of(ModelLibrary.open(archive()), ModelLibrary.fromBytes(bytes),
        ModelLibrary.fromBytes(direct), ModelLibrary.fromBytes(ByteBuffer.wrap(bytes).asReadOnlyBuffer()))) {
      try (ModelLibrary library = opened) {
        assertEquals(expected.get("format_version").getAsInt(), library.formatVersion());
        JsonObject module = expected.getAsJsonArray("modules").get(0).getAsJsonObject();
        assertEquals(List.of(new ModelLibrary.Module(
            module.get("name").getAsString(), module.get("executor").getAsString())), library.modules());
      }
    }
    assertEquals(7, direct.position());
  }

  @Test
  public void badFiles() {
    assertEquals(2, cases.getAsJsonArray("bad_files").size());
    for (JsonElement each : cases.getAsJsonArray("bad_files")) {
      JsonObject expected = each.getAsJsonObject();
      Path path = data(expected, "archive");
      Stm32tvmException exception = failure(() -> ModelLibrary.open(path));
      assertEquals(code(expected.get("code")), exception.code());
      assertEquals(expected.get("code").getAsString(), exception.codeName());
      assertEquals(expected.get("status").getAsInt(), exception.status());
      assertTrue(exception.reason().contains(expected.get("message").getAsString()));
      assertEquals(path.toString(), exception.where());
      assertEquals(path + ": " + exception.reason(), exception.getMessage());
    }
  }

  @Test
  public void limits() {
    JsonObject expected = cases.getAsJsonObject("limit");
    Limits limits = set(new Limits(), expected.getAsJsonObject("limits"));
    assertEquals(new Limits().archiveBytes(1000).toString(), limits.toString());
    assertEquals(code(expected.get("code")), failure(() -> ModelLibrary.open(archive(), limits, null)).code());
  }

  private static void assertTensor(JsonObject expected, Tensor tensor) {
    expected.entrySet().forEach(entry -> {
      JsonElement value = entry.getValue();
      switch (entry.getKey()) {
        case "name" -> assertEquals(value.getAsString(), tensor.name());
        case "identifier" -> assertEquals(value.getAsString(), tensor.identifier());
        case "type" -> assertEquals(value.getAsString(), tensor.type());
        case "bytes" -> assertEquals(value.getAsLong(), tensor.bytes());
        case "shape" -> assertEquals(
            value.getAsJsonArray().asList().stream().map(JsonElement::getAsLong).toList(), tensor.shape());
        default -> throw new AssertionError(entry.getKey());
      }
    });
  }

  @Test
  public void describe() throws Exception {
    JsonObject expected = cases.getAsJsonObject("describe");
    try (ModelLibrary library = ModelLibrary.open(data(expected, "archive"));
        NetworkDescriptor network = library.network(library.modules().get(0).name())) {
      assertEquals(1, network.inputs().size());
      assertEquals(1, network.outputs().size());
      Tensor image = network.inputs().get(0);
      assertTensor(expected.getAsJsonArray("inputs").get(0).getAsJsonObject(), image);
      assertTensor(expected.getAsJsonArray("outputs").get(0).getAsJsonObject(), network.outputs().get(0));
      assertEquals(expected.get("operators").getAsInt(), network.operators().size());
      assertSame(image, network.tensors().get(network.operators().get(0).inputs().get(0)));
      assertTrue(network.parameters().size() > 1 && network.parameters().stream().allMatch(Tensor::constant));
      assertEquals(new Quantization("unknown", "none", List.of(), List.of(), -1),
          network.parameters().get(0).quantization());
      assertEquals(library.modules().get(0), new ModelLibrary.Module(network.moduleName(), network.executor()));
      assertTrue(network.diagnostics().stream().allMatch(each -> !each.message().isEmpty()));
      assertThrows(UnsupportedOperationException.class, () -> network.tensors().remove(0));

      network.applyQuantization(expected.get("quantization").toString());
      JsonObject given =
          expected.getAsJsonObject("quantization").getAsJsonObject("tensors").getAsJsonObject(image.name());
      assertEquals(new Quantization("per_tensor", "caller", List.of(given.get("scale").getAsDouble()),
          List.of(given.get("zero_point").getAsInt()), -1), network.inputs().get(0).quantization());
      for (ThrowingRunnable wrong : List.<ThrowingRunnable>of(
          () -> network.applyQuantization(expected.get("bad_quantization").toString()),
          () -> network.applyTflite(ByteBuffer.wrap(new byte[] {1, 2, 3})),
          () -> library.network("other"))) {
        assertEquals(code(expected.get("bad_code")), failure(wrong).code());
      }
    }
  }

  @Test
  public void plan() throws Exception {
    try (ModelLibrary library = ModelLibrary.open(archive());
        NetworkDescriptor network = library.network();
        MemoryPlan kept = MemoryPlan.make(network);
        MemoryPlan consumed = MemoryPlan.make(network, new PlanOptions().inputs("consume"))) {
      assertTrue(consumed.bytes() < kept.bytes());
      assertEquals(kept.bytes(), kept.needs().arenaBytes());
      assertEquals(List.of(new PlannedPool("arena", kept.bytes())), kept.pools());
      MemoryNeeds needs = kept.needs();
      assertEquals(needs.ramBytes(), needs.arenaBytes() + needs.contextBytes() + needs.heapBytes());
      assertTrue(kept.buffers().size() > 5);
      assertTrue(kept.buffers().stream().allMatch(each -> each.offset() + each.bytes() <= kept.bytes()));
      assertEquals(ErrorCode.DOES_NOT_FIT, failure(() -> MemoryPlan.make(network,
          new PlanOptions().pool("small", 64).pool("tiny", 8))).code());
    }
  }

  @Test
  public void emit() throws Exception {
    for (String name : List.of("network", "placed", "firmware")) {
      Map<String, String> expected = golden(name);
      expected.remove(MANIFEST);
      try (SourceTree tree = emitted(name, null)) {
        assertEquals(expected, hashes(tree));
        assertThrows(IllegalArgumentException.class, () -> tree.bytes("no/such.c"));
      }
    }
  }

  @Test
  public void emitAll() throws Exception {
    List<MemoryPlan> plans = new ArrayList<>();
    for (String each : List.of("digits_int8/graph_named.tar", "digits_int8/graph.tar")) {
      plans.add(MemoryPlan.make(ModelLibrary.open(DATA.resolve(each)).network()));
    }
    try (SourceTree tree = ProjectEmitter.emitAll(plans, new EmitOptions().name("both"), List.of(), null)) {
      assertEquals(2, tree.paths().stream().filter(path -> path.startsWith("both_"))
          .map(path -> path.substring(0, path.indexOf('/'))).distinct().count());
    }
    EmitOptions named = new EmitOptions().names("left", "right");
    try (SourceTree tree = ProjectEmitter.emitAll(plans, named, List.of(), null)) {
      assertTrue(tree.paths().containsAll(List.of("left/left.h", "right/right.h")));
    }
    ByteBuffer input = ByteBuffer.wrap(Files.readAllBytes(DATA.resolve("digits_int8/in0_0.bin")));
    List<Sample> samples = List.of(new Sample(List.of(input), List.of(), 1));
    try (SourceTree tree = ProjectEmitter.emitAll(plans, named.target("netduinoplus2"), samples, null)) {
      assertTrue(tree.bytes("firmware/left_samples.c").length < tree.bytes("firmware/right_samples.c").length);
    }
  }

  @Test
  public void write() throws Exception {
    String name = cases.get("write").getAsString();
    Path folder = temporary.getRoot().toPath().resolve("a").resolve(name);
    try (SourceTree tree = emitted(name, null)) {
      assertEquals(new Written(List.copyOf(tree.paths()), List.of(), 0), tree.writeTo(folder));
      assertEquals(golden(name), hashes(folder));
      assertEquals(new Written(List.of(), List.of(), tree.paths().size()), tree.writeTo(folder));
      String edited = tree.paths().iterator().next();
      Files.writeString(folder.resolve(edited), "edited", StandardOpenOption.APPEND);
      assertEquals(ErrorCode.CANNOT_WRITE, failure(() -> tree.writeTo(folder)).code());
      assertEquals(List.of(edited), tree.writeTo(folder, WritePolicy.REPLACE_EDITED).changed());
      assertEquals(golden(name), hashes(folder));
    }
  }

  private static void callWith(String call, ProgressListener listener) throws Exception {
    switch (call) {
      case "open" -> ModelLibrary.open(archive(), new Limits(), listener);
      case "network" -> ModelLibrary.open(archive()).network("", new NetworkOptions(), listener);
      case "emit" -> emitted("network", listener);
      default -> throw new AssertionError(call);
    }
  }

  @Test
  public void cancel() {
    assertEquals(3, cases.getAsJsonArray("cancel").size());
    for (JsonElement each : cases.getAsJsonArray("cancel")) {
      JsonObject expected = each.getAsJsonObject();
      String call = expected.get("call").getAsString();
      int last = expected.get("stop_at").getAsInt();
      List<Progress> seen = new ArrayList<>();
      Stm32tvmException exception = failure(() -> callWith(call, progress -> {
        seen.add(progress);
        return seen.size() < last;
      }));
      assertEquals(ErrorCode.CANCELLED, exception.code());
      assertEquals(last, seen.size());
      assertTrue(seen.stream().allMatch(now -> !now.item().isEmpty() && now.done() <= now.total()));

      IllegalStateException thrown = new IllegalStateException("by the listener");
      assertSame(thrown, assertThrows(IllegalStateException.class, () -> callWith(call, progress -> {
        throw thrown;
      })));
    }
  }

  @Test
  public void progressEndsAtItsTotal() throws Exception {
    List<Progress> seen = new ArrayList<>();
    emitted("network", seen::add).close();
    assertTrue(seen.size() > 1);
    assertEquals(seen.get(seen.size() - 1).total(), seen.get(seen.size() - 1).done());
  }

  @Test
  public void closing() throws Exception {
    ModelLibrary library = ModelLibrary.open(archive());
    // Closed while it is being read: freed when the call returns.
    NetworkDescriptor network = library.network("", new NetworkOptions(), progress -> {
      library.close();
      return true;
    });
    library.close();
    assertThrows(IllegalStateException.class, library::modules);
    MemoryPlan plan = MemoryPlan.make(network);
    network.close();
    assertEquals(1, network.inputs().size());
    assertThrows(IllegalStateException.class, () -> MemoryPlan.make(network));
    SourceTree tree = ProjectEmitter.emit(plan, new EmitOptions());
    plan.close();
    assertThrows(IllegalStateException.class, () -> ProjectEmitter.emit(plan, new EmitOptions()));
    String path = tree.paths().iterator().next();
    assertTrue(tree.bytes(path).length > 0);
    tree.close();
    assertThrows(IllegalStateException.class, () -> tree.bytes(path));
  }

  @Test
  public void whatNobodyClosedIsFreed() throws Exception {
    long before = CallCount.calls().getOrDefault("stm32tvm_library_free", 0);
    ModelLibrary.open(archive());
    for (int tries = 0; CallCount.calls().getOrDefault("stm32tvm_library_free", 0) == before; tries++) {
      assertTrue(tries < 1000);
      System.gc();
      Thread.sleep(10);
    }
  }

  @Test
  public void textsAreUtf8() throws Exception {
    Path folder = temporary.newFolder("\u00fc\u03bc\u6f22").toPath();
    Files.copy(archive(), folder.resolve("a.tar"));
    ModelLibrary.open(folder.resolve("a.tar")).close();
    Path missing = folder.resolve("b.tar");
    assertEquals(missing.toString(), failure(() -> ModelLibrary.open(missing)).where());
  }

  @Test
  public void optionsHaveTheKeysOfTheLibrary() throws Exception {
    Limits limits = new Limits().archiveBytes(1L << 40).totalBytes(1L << 40).memberBytes(1L << 40).members(100)
        .pathBytes(100).expansion(100).modules(10).jsonDepth(100).nodes(1000).tensors(1000).nameBytes(1000).rank(8)
        .tensorBytes(1 << 20);
    EmitOptions options = new EmitOptions().name("digits").cApi("st-ai").weights("c-array").target("netduinoplus2")
        .buildSystem("make").application("minimal").console("semihosting").boards("{\"format\": 1, \"parts\": [], \"boards\": []}")
        .budget("{\"ram_bytes\": 100000}").kernelProfile("{\"options\": [\"-O2\"]}").selfTestTable("");
    try (ModelLibrary library = ModelLibrary.open(archive(), limits, null);
        NetworkDescriptor network = library.network("", new NetworkOptions().keepConstants(true)
            .weightsGroups("[{\"place\": \"flash\", \"format\": \"elf\"}]"), null);
        MemoryPlan plan = MemoryPlan.make(network, new PlanOptions().inputs("consume").inputsMemory("double")
            .outputsMemory("arena").alignment(16).interfaceAlignment(32).wholeOperators(true));
        SourceTree tree = ProjectEmitter.emit(plan, options)) {
      assertTrue(tree.paths().contains("Makefile"));
      assertEquals(1, plan.buffers().stream().filter(each -> each.kind().equals("second")).count());
    }
  }

  @Test
  public void targetsAndVersions() throws Exception {
    assertTrue(Target.all().stream().anyMatch(each -> each.name().equals("netduinoplus2") && !each.part().isEmpty()));
    assertEquals(cases.getAsJsonObject("open").get("format_version").getAsInt(), Version.maximumFormat());
    assertEquals(1, Version.minimumFormat());
    assertEquals(1, Version.contract());
    assertTrue(Version.library().matches("\\d+\\.\\d+\\.\\d+"));
  }

  @Test
  public void errorCodesAreThoseOfTheLibrary() {
    for (ErrorCode code : ErrorCode.values()) {
      assertEquals(code.name().toLowerCase(Locale.ROOT), CallCount.statusName(-1 - code.ordinal()));
    }
  }
}
