import Foundation

/// The folder of the package that the tests were built from.
public enum PackageRoot {
    /// The absolute path of a file of the package, by its path relative to `Package.swift`.
    public static func path(_ relative: String) -> String {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root.appendingPathComponent(relative).path
    }
}
