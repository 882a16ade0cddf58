import AudioFiles
public import Foundation

extension SlskdSharedFile {
    /// Shares a tree of audio files as `@@name\Music\<folders>\<file>`, with what the files say of themselves, in the
    /// order of their paths; other files, hidden ones and damaged ones are left out. Blocks.
    ///
    /// - Parameter prefix: what stands before the folders of the tree.
    /// - Throws: what the file system says of the tree.
    public static func tree(_ folder: URL, prefix: String = #"@@music\Music"#) throws -> [SlskdSharedFile] {
        let root = folder.path(percentEncoded: false)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
        return try paths.compactMap { path in
            let file = SlskdDisk.file(path, in: folder)
            guard AudioFormat.allFileExtensions.contains(file.pathExtension.lowercased()), !isHidden(path),
                let audio = try? AudioFile.read(at: file.path(percentEncoded: false))
            else { return nil }
            let virtual = ([prefix] + path.split(separator: "/").map(String.init)).joined(separator: "\\")
            return try SlskdSharedFile(virtual, content: .file(file), attributes: SlskdAttributes(audio.properties))
        }
    }

    /// One file with what it says of itself. Blocks.
    /// - Throws: when it cannot be read as audio.
    public static func audio(_ file: URL, as path: String) throws -> SlskdSharedFile {
        let audio = try AudioFile.read(at: file.path(percentEncoded: false))
        return try SlskdSharedFile(path, content: .file(file), attributes: SlskdAttributes(audio.properties))
    }

    private static func isHidden(_ path: String) -> Bool { path.split(separator: "/").contains { $0.hasPrefix(".") } }
}

extension SlskdAttributes {
    /// As clients send them: the bit rate of lossy files, the sampling of lossless ones.
    init(_ properties: AudioProperties) {
        let isLossless = properties.bitDepth != nil
        self.init(
            bitRate: isLossless ? nil : properties.bitrateKbps, bitDepth: properties.bitDepth,
            sampleRate: isLossless ? properties.sampleRate : nil, length: properties.durationMS / 1000)
    }
}
