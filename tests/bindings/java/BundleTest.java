// SPDX-License-Identifier: Apache-2.0
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.osgi.launch.EquinoxFactory;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

/**
 * The jar as a bundle of Eclipse's framework, where a bundle sees only what it imports. Debian's JNA can be loaded
 * by one class loader of a program: no other test may run in this one.
 */
public class BundleTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  /** The jar of the class path with this name. */
  private static String jar(String name) {
    return List.of(System.getProperty("java.class.path").split(File.pathSeparator)).stream()
        .filter(path -> path.endsWith("/" + name)).findFirst().orElseThrow();
  }

  @Test
  public void theLibraryIsFoundInTheBundle() throws Exception {
    Framework framework = new EquinoxFactory().newFramework(
        Map.of(Constants.FRAMEWORK_STORAGE, temporary.getRoot().toString()));
    framework.start();
    try {
      Bundle bundle = null;
      for (String name : List.of("jna.jar", "gson.jar", "stm32tvm.jar")) {
        bundle = framework.getBundleContext().installBundle(Path.of(jar(name)).toUri().toString());
        bundle.start();
      }
      Thread.currentThread().setContextClassLoader(null);
      Object version = bundle.loadClass("stm32tvm.Version").getMethod("library").invoke(null);
      assertEquals(bundle.getVersion().toString(), version);
      Object targets = bundle.loadClass("stm32tvm.Target").getMethod("all").invoke(null);
      assertTrue(targets.toString().contains("Target[name=netduinoplus2, "));
    } finally {
      framework.stop();
      framework.waitForStop(0);
    }
  }
}
