import Foundation

/// The root folder of the package.
public enum PackageRoot {
    /// Returns the absolute path of a file of the package.
    /// - Parameter relative: The path relative to `Package.swift`.
    public static func path(_ relative: String) -> String {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return root.appendingPathComponent(relative).path
    }
}
