import AudioFiles
public import Foundation

extension SlskdSharedFile {
    /// Returns the audio files of a folder and its subfolders as `@@name\Music\<folders>\<file>`, with their
    /// attributes, in the order of their paths. Hidden, damaged and other files are omitted. Blocks.
    ///
    /// - Parameter prefix: The virtual path of the folder.
    /// - Throws: The error of the file system.
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

    /// Returns one audio file with its attributes. Blocks.
    /// - Throws: The error of the file system or of the audio format.
    public static func audio(_ file: URL, as path: String) throws -> SlskdSharedFile {
        let audio = try AudioFile.read(at: file.path(percentEncoded: false))
        return try SlskdSharedFile(path, content: .file(file), attributes: SlskdAttributes(audio.properties))
    }

    private static func isHidden(_ path: String) -> Bool { path.split(separator: "/").contains { $0.hasPrefix(".") } }
}

extension SlskdAttributes {
    /// Creates the attributes that clients send: the bit rate of lossy files, sample rate and bit depth of lossless
    /// files.
    init(_ properties: AudioProperties) {
        let isLossless = properties.bitDepth != nil
        self.init(
            bitRate: isLossless ? nil : properties.bitrateKbps, bitDepth: properties.bitDepth,
            sampleRate: isLossless ? properties.sampleRate : nil, length: properties.durationMS / 1000)
    }
}
